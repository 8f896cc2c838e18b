import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addKey, readKeys, revokeKey } from '../../../../pipeline/operations/manage-keys.ts';
import { digestAccessKey, isWholeAccessKey } from '../../../../platform/lib/access-key.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { keysFile, type Scope } from '../../../../platform/schemas/access-names.ts';
import type { Workspace } from '../../../../platform/schemas/index.ts';
import { test } from '../../../helpers/folder.ts';

const now = new Date('2026-11-26T12:00:00.000Z');
const predict: Scope[] = ['predict'];
const request = (name: string) => ({ name, scopes: predict, expiresAt: null, rate: null });
const open = (root: string): Workspace => ({
  root,
  reporter: silentReporter,
  signal: new AbortController().signal,
});

test('a key is stored as its digest only, in a file that its owner alone may read', async ({
  folder,
}) => {
  const path = join(folder, keysFile);
  const { text, entry } = await addKey(open(folder), path, request('stand'), now);
  expect(isWholeAccessKey(text)).toBe(true);
  expect(entry).toMatchObject({ digest: digestAccessKey(text), createdAt: now.toISOString() });
  expect(await readKeys(path)).toEqual([entry]);
  expect(await readFile(path, 'utf8')).not.toContain(text);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.skipIf(process.platform !== 'linux').for([
  ['a full disk', '> /dev/full', 'DISK_FULL'],
  ['nobody who reads', '> >(true)', 'OUTPUT_CLOSED'],
  ['a closed output', '>&-', 'OUTPUT_CLOSED'],
  ['the null device', '> /dev/null', 'OUTPUT_CLOSED'],
] as const)('a key whose text meets %s is not stored', async ([, end, code], { folder }) => {
  const path = join(folder, 'keys.json');
  const bootstrap = join(import.meta.dirname, '../../../../pipeline/cli/bootstrap.js');
  const line = `"$0" "$1" keys add --name stand --scopes predict --file "$2" ${end}`;
  const args = ['-c', line, process.execPath, bootstrap, path];
  const ended = await new Promise<{ failed: boolean; stderr: string }>((done) => {
    execFile('bash', args, (error, _, stderr) => done({ failed: error !== null, stderr }));
  });
  expect(ended).toEqual({ failed: true, stderr: expect.stringContaining(code) });
  expect(await readKeys(path)).toEqual([]);
  // The same command succeeds where its output is read.
  const seen: string[] = [];
  await addKey(open(folder), path, request('stand'), now, async ({ text }) => {
    expect(await readKeys(path)).toEqual([]);
    seen.push(digestAccessKey(text));
  });
  expect((await readKeys(path)).map(({ digest }) => digest)).toEqual(seen);
});

test('a file that a group may read stays so', async ({ folder }) => {
  const path = join(folder, keysFile);
  await addKey(open(folder), path, request('stand'), now);
  await chmod(path, 0o644);
  await addKey(open(folder), path, request('pickers'), now);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test('a file into which others may have written keys is not made trustworthy', async ({
  folder,
}) => {
  const path = join(folder, keysFile);
  await addKey(open(folder), path, request('stand'), now);
  await chmod(path, 0o646);
  const added = addKey(open(folder), path, request('pickers'), now);
  await expect(added).rejects.toMatchObject({ code: 'KEYS_FILE_WRITABLE' });
  const revoked = revokeKey(open(folder), path, 'stand');
  await expect(revoked).rejects.toMatchObject({ code: 'KEYS_FILE_WRITABLE' });
  expect((await stat(path)).mode & 0o777).toBe(0o646);
});

test.skipIf(process.platform === 'win32')(
  'what is not a file is not called one that others may write',
  async ({ folder }) => {
    const added = addKey(open(folder), '/dev/null', request('stand'), now);
    await expect(added).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const revoked = revokeKey(open(folder), '/dev/null', 'stand');
    await expect(revoked).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  },
);

test('a linked file is changed where it is, and the link stays', async ({ folder }) => {
  const [path, link] = [join(folder, 'keys.json'), join(folder, 'link.json')];
  await addKey(open(folder), path, request('stand'), now);
  await symlink(path, link);
  await addKey(open(folder), link, request('pickers'), now);
  await revokeKey(open(folder), link, 'stand');
  expect((await readKeys(path)).map(({ name }) => name)).toEqual(['pickers']);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  await rm(path);
  const lost = addKey(open(folder), link, request('stand'), now);
  await expect(lost).rejects.toMatchObject({ code: 'ENOENT' });
});

test('keys that are added at the same time are all kept', async ({ folder }) => {
  const path = join(folder, keysFile);
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(names.map((name) => addKey(open(folder), path, request(name), now)));
  expect((await readKeys(path)).map(({ name }) => name).sort()).toEqual(names);
});

test('a name is given once, and can be given again after it was revoked', async ({ folder }) => {
  const path = join(folder, keysFile);
  const first = await addKey(open(folder), path, request('stand'), now);
  const again = addKey(open(folder), path, request('stand'), now);
  await expect(again).rejects.toMatchObject({ code: 'KEY_NAME_TAKEN' });
  await revokeKey(open(folder), path, 'stand');
  const second = await addKey(open(folder), path, request('stand'), now);
  expect(await readKeys(path)).toEqual([second.entry]);
  expect(second.text).not.toBe(first.text);
});

test('to revoke a key that there is not says which there are', async ({ folder }) => {
  const path = join(folder, keysFile);
  await addKey(open(folder), path, request('stand'), now);
  await expect(revokeKey(open(folder), path, 'stnad')).rejects.toMatchObject({
    code: 'KEY_UNKNOWN',
    hint: 'Known: stand.',
  });
});

test('a damaged file is refused and not replaced', async ({ folder }) => {
  const path = join(folder, keysFile);
  await mkdir(join(folder, '.mainstem'));
  await writeFile(path, '{"version":1,"keys":');
  const added = addKey(open(folder), path, request('stand'), now);
  await expect(added).rejects.toMatchObject({ code: 'JSON_INVALID' });
  expect(await readFile(path, 'utf8')).toBe('{"version":1,"keys":');
});
