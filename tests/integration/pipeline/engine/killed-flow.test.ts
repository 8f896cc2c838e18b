import { execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createRepository } from '../../../helpers/temporary-repository.ts';

const program = join(import.meta.dirname, 'long-flow.ts');

test('a flow whose process was killed resumes where it stopped', async () => {
  const { root } = await createRepository({ 'short.ts': 'export {};', 'long.ts': 'export {};' });
  const log = async () => (await readFile(join(root, 'log'), 'utf8').catch(() => '')).trim();
  const child = spawn(process.execPath, [program, root, '60'], { stdio: 'inherit' });
  while (!(await log()).endsWith('step 1')) await sleep(20);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));

  const { stdout } = await promisify(execFile)(process.execPath, [program, root, '0']);
  expect(JSON.parse(stdout)).toEqual(['reused', 'ran']);
  expect((await log()).split('\n')).toEqual([
    'short',
    'long from step 0',
    'step 1',
    'long from step 1',
    'step 2',
  ]);
});

test('a killed flow does not resume from what other code may have made', async () => {
  const sources = { 'short.ts': 'export {};', 'long.ts': 'export {};' };
  const { root, write } = await createRepository(sources);
  const log = async () => (await readFile(join(root, 'log'), 'utf8').catch(() => '')).trim();
  const child = spawn(process.execPath, [program, root, '60'], { stdio: 'inherit' });
  while (!(await log()).endsWith('step 1')) await sleep(20);
  await write({ 'long.ts': 'export const changed = true;' });
  const scratch = join(root, '.mainstem/scratch');
  const isNoted = async () =>
    (await readdir(scratch, { recursive: true })).some((path) => path.endsWith('code-changed'));
  while (!(await isNoted())) await sleep(20);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  await write(sources);

  await promisify(execFile)(process.execPath, [program, root, '0']);
  expect((await log()).split('\n').slice(3)).toEqual(['long from step 0', 'step 1', 'step 2']);
});

test('two processes that start at once do the work once', async () => {
  const { root } = await createRepository({ 'short.ts': 'export {};', 'long.ts': 'export {};' });
  const start = () => promisify(execFile)(process.execPath, [program, root, '0.5']);
  const both = await Promise.all([start(), start()]);
  const actions = both.flatMap(({ stdout }) => JSON.parse(stdout));
  expect(actions.toSorted()).toEqual(['ran', 'ran', 'reused', 'reused']);
  expect(await readFile(join(root, 'log'), 'utf8')).toBe(
    'short\nlong from step 0\nstep 1\nstep 2\n',
  );
});
