import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
