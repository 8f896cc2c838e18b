import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const program = join(import.meta.dirname, 'train-small.ts');

/** The digest of a training in a process of its own, which ends by itself. */
async function trainOn(threads: string): Promise<string> {
  const env = { ...process.env, MAINSTEM_THREADS: threads };
  const { stdout, stderr } = await run(process.execPath, [program], { env });
  expect(stderr).not.toContain('Warning');
  return stdout;
}

test('a training gives the same bits on one thread, on two, on three and on eight', async () => {
  const alone = await trainOn('1');
  expect(alone).toMatch(/^sha256:[0-9a-f]{64}$/);
  for (const threads of ['2', '3', '8']) expect(await trainOn(threads)).toBe(alone);
});
