import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolderRemote } from '../../platform/storage/index.ts';
import { testRemote } from './remote.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

testRemote('folder remote', {
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-folder-remote-'));
    folders.push(folder);
    return createFolderRemote(join(folder, 'not', 'made', 'yet'));
  },
  damage: (remote, key, content) => writeFile(join(remote.address, key), content),
});

test('a file is not a remote, neither for reading nor for writing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-folder-remote-'));
  folders.push(folder);
  const file = join(folder, 'a-file');
  await writeFile(file, 'x');
  const remote = createFolderRemote(file);
  const failure = { code: 'REMOTE_FAILED', message: expect.stringContaining('is not a folder') };
  await expect(remote.assertThere()).rejects.toMatchObject(failure);
  await expect(remote.list('packs/')).rejects.toMatchObject(failure);
});

test('what lies beside the keys is not listed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-folder-remote-'));
  folders.push(folder);
  const remote = createFolderRemote(folder);
  await mkdir(join(folder, 'node_modules', 'a'), { recursive: true });
  for (const path of ['node_modules/a/b.js', 'notes.txt']) await writeFile(join(folder, path), '');
  await remote.upload('records/a.json', join(folder, 'notes.txt'));
  expect(await remote.list('')).toEqual(['records/a.json']);
});

test.skipIf(!existsSync('/proc/self'))('a folder that cannot be made is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-folder-remote-'));
  folders.push(folder);
  await symlink('gone', join(folder, 'link'));
  await writeFile(join(folder, 'file'), 'x');
  for (const address of ['/proc/mainstem', join(folder, 'link')]) {
    const sent = createFolderRemote(address).upload('packs/a', join(folder, 'file'));
    await expect(sent).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      message: expect.stringMatching(/cannot be created|is not a folder/),
    });
  }
});
