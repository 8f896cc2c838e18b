import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endGroup } from '../../../../platform/lib/end-group.ts';

test('a process is ended with all that it has started', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], { detached: true });
  await once(child.stdout, 'data');
  endGroup(child);
  // Both write to it: it is closed when neither runs.
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
});

test('one that has ended meanwhile, or never began, is no matter', async () => {
  const child = spawn('true', [], { detached: true });
  await once(child, 'close');
  expect(() => endGroup(child)).not.toThrow();
  expect(() => endGroup({})).not.toThrow();
});
