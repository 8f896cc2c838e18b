import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { readMemory } from '../../../../pipeline/engine/read-memory.ts';
import { test } from '../../../helpers/folder.ts';

test('a machine that does not say has no figure', ({ folder }) => {
  expect(readMemory(folder)).toBeNull();
});

test.skipIf(!existsSync('/proc/self/task'))(
  'the memory of a child counts while it runs, and no longer than that',
  async () => {
    const before = readMemory() ?? 0;
    const hold = 'const held = Buffer.alloc(300e6, 1); setInterval(() => held.length, 1000);';
    const child = spawn(process.execPath, ['-e', hold], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const added = () => (readMemory() ?? 0) - before;
    await expect.poll(added, { timeout: 20_000 }).toBeGreaterThan(290e6);
    child.kill('SIGKILL');
    await expect.poll(added, { timeout: 20_000 }).toBeLessThan(150e6);
  },
);
