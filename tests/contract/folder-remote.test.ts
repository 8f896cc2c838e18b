import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createFolderRemote } from '../../pipeline/data/index.ts';
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
