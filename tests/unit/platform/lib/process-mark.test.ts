import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markPattern, ownMark, stateOf } from '../../../../platform/lib/process-mark.ts';

const module = join(import.meta.dirname, '../../../../platform/lib/process-mark.ts');
const script = `import { ownMark } from ${JSON.stringify(module)}; process.stdout.write(ownMark());`;

function markOfEnded(): string {
  const args = ['--input-type=module', '--eval', script];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

test('this process runs, under a mark that does not change', () => {
  expect(ownMark()).toMatch(new RegExp(`^${markPattern}$`));
  expect(ownMark()).toBe(ownMark());
  expect(stateOf(ownMark())).toBe('running');
});

test('another process runs until it ends', async () => {
  const code = `${script} setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
  const [said]: Buffer[] = await once(child.stdout, 'data');
  const mark = `${said}`;
  expect(stateOf(mark)).toBe('running');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(stateOf(mark)).toBe('ended');
});

test('a process id that belongs to another process now is not the process that had it', () => {
  const [place, , start] = markOfEnded().split('-');
  // As if this process had been given the id of the one that ended.
  expect(stateOf(`${place}-${process.pid}-${start}`)).toBe('ended');
  expect(stateOf(`${place}-1-${start}`)).not.toBe('running');
});

test.each(['', 'damaged', '00000000-1-5', '{"pid":1}'])(
  'nothing is known of "%s": another machine, another container, or no mark at all',
  (mark) => expect(stateOf(mark)).toBe('unknown'),
);
