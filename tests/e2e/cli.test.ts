import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cloneHere } from '../helpers/clone.ts';
import { test } from '../helpers/folder.ts';
import { mainstem } from '../helpers/mainstem.ts';

const parameters = 'pipeline/projects/penguins/params.json';

test('mistakes are reported by name, for programs too', async ({ folder }) => {
  const clone = await cloneHere(folder);
  const errorOf = async (...args: string[]) => {
    const { code, stdout } = await mainstem(clone, ...args, '--json');
    return [JSON.parse(stdout).error.code, code];
  };
  expect(await errorOf('frobnicate')).toEqual(['USAGE', 2]);
  expect(await errorOf('run', 'penguins', '--frob')).toEqual(['USAGE', 2]);
  for (const command of ['history', 'show', 'report', 'run']) {
    expect(await errorOf(command, 'nonsense')).toEqual(['PROJECT_UNKNOWN', 2]);
  }
  expect(await errorOf('report', 'penguins')).toEqual(['PROMOTE_NO_CANDIDATE', 1]);
  expect((await mainstem(clone, 'history', 'penguins')).code).toBe(0);
  expect(await errorOf('checkout', 'nonsense')).toEqual(['REVISION_UNKNOWN', 2]);
  expect(await errorOf('diff', 'nonsense')).toEqual(['REVISION_UNKNOWN', 2]);
  const remote = ['--remote', join(folder, 'remote')];
  expect(await errorOf('push', ...remote, '--rev', 'nope')).toEqual(['REVISION_UNKNOWN', 2]);
  expect(await errorOf('publish', ...remote)).toEqual(['FOLLOW_KEY_INVALID', 2]);
  const key = ['--key', join(folder, 'key.pem')];
  expect(await errorOf('publish', ...remote, ...key)).toEqual(['FILE_UNREADABLE', 3]);
  await writeFile(join(folder, 'key.pem'), 'nonsense');
  expect(await errorOf('publish', ...remote, ...key)).toEqual(['FOLLOW_KEY_INVALID', 2]);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(folder, 'key.pem'), pem);
  const nowhere = ['--rev', 'nope'];
  expect(await errorOf('publish', ...remote, ...key, ...nowhere)).toEqual(['REVISION_UNKNOWN', 2]);
  const range = ['--from', 'train', '--to', 'prepare'];
  expect(await errorOf('run', 'penguins', ...range)).toEqual(['STAGE_RANGE', 2]);
  await rm(join(clone, parameters));
  expect(await errorOf('run', 'penguins')).toEqual(['FILE_UNREADABLE', 3]);
});

/** A training that ends on its own after hours, in its own process group. */
async function startEndless(folder: string) {
  const clone = await cloneHere(folder);
  const text = await readFile(join(clone, parameters), 'utf8');
  const endless = text
    .replace(/"epochs": \d+/, '"epochs": 10000')
    .replace(/"earlyStopping": \d+/, '"earlyStopping": 0');
  await writeFile(join(clone, parameters), endless);
  expect((await mainstem(clone, 'lock', 'penguins')).code).toBe(0);

  const child = spawn(process.execPath, ['pipeline/cli/bootstrap.js', 'run', 'penguins'], {
    cwd: clone,
    detached: true,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const said = { text: '' };
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said.text += chunk.toString();
      if (/Training on/.test(said.text)) resolve();
    });
  });
  return { child, said };
}

test('Ctrl-C is reported in one line and exits with 130', async ({ folder }) => {
  const { child, said } = await startEndless(folder);
  // To the whole group, as a terminal does.
  process.kill(-Number(child.pid), 'SIGINT');
  const [code] = await once(child, 'close');
  expect(said.text).toContain('Interrupted; run the same command again and it continues.\n');
  expect(said.text).not.toContain('    at ');
  expect(code).toBe(130);
});

test('killing the process that was started ends the others that it needed', async ({ folder }) => {
  const { child } = await startEndless(folder);
  child.kill('SIGKILL');
  // The command line writes to the same output, which is open until it has ended, too.
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
});
