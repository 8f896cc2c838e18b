import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  runToEnd,
  runTool,
  summarise,
} from '../../../../../pipeline/operations/backends/run-tool.ts';
import { test } from '../../../../helpers/folder.ts';

const signal = new AbortController().signal;
const shell = (script: string, cwd: string) => ({ program: '/bin/sh', args: ['-c', script], cwd });

test('the last error of a program that fails is reported', async ({ folder }) => {
  const tool = { ...shell('echo "x.cc:1: error: no header" >&2; exit 1', folder), signal };
  await expect(runToEnd('tensorflow', 'Compiling', tool)).rejects.toMatchObject({
    code: 'BACKEND_INSTALL_FAILED',
    message: expect.stringContaining('Compiling failed: x.cc:1: error: no header'),
  });
});

test.for([
  'WARNING: Retrying … NewConnectionError: Failed to establish a new connection',
  'npm error code ENOTFOUND',
  'npm error code ECONNREFUSED',
])('a network that is not there is reported as such: %s', (line) => {
  const stderr = `${line}\nERROR: No matching distribution found`;
  expect(summarise({ code: 1, stdout: '', stderr })).toContain('cannot be reached');
});

test('of a program that says nothing the end is reported', () => {
  expect(summarise({ code: 7, stdout: '', stderr: '\n' })).toBe('it ended with 7 and said nothing');
});

test('what is interrupted ends with all that it has started', async ({ folder }) => {
  const stop = new AbortController();
  const left = join(folder, 'left');
  const script = `(sleep 1; touch ${left}) & touch ${left}.begun; wait`;
  const running = runTool({ ...shell(script, folder), signal: stop.signal });
  running.catch(() => {});
  while (!existsSync(`${left}.begun`)) await wait(20);
  stop.abort(new Error('interrupted'));
  await expect(running).rejects.toThrow('interrupted');
  await wait(1_300);
  expect(existsSync(left)).toBe(false);
});
