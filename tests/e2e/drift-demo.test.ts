import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

test('npm run demo:drift plays its story to the end, and everything comes as the story has it', async () => {
  const { stdout } = await run(process.execPath, ['tests/demo/drift.ts'], { cwd: root });
  const [, held, all] = /(\d+) of (\d+) as expected/.exec(stdout) ?? [];
  expect(Number(all), stdout).toBeGreaterThanOrEqual(10);
  expect(held, stdout).toBe(all);
});
