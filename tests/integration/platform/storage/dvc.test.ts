import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importDvc, lockProject, openStore } from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

const fixture = join(import.meta.dirname, '../../../fixtures/dvc/repository');

let farm: DataRepository;
let old = '';
beforeEach(async () => {
  farm = await createDataRepository();
  old = join(farm.root, '.mainstem', 'old-repository');
  await cp(fixture, old, { recursive: true });
});
afterEach(() => farm.remove());

const importAll = () => importDvc(farm.workspace, farm.store, old, [farm.project]);

/** What `lock` writes for the same files in the working copy. */
async function lockOfFiles() {
  await farm.write({ 'apple/1.jpg': 'a1\n', 'pear/1.jpg': 'p1\n', 'pear/2.jpg': 'p2\n' });
  const store = openStore(farm.root, join(farm.root, '.mainstem', 'other-store'));
  return lockProject(farm.workspace, store, farm.project);
}

test('the lock is the one that lock writes after a checkout, and every file is in the store', async () => {
  const { lock, imported, left } = await importAll();
  expect(imported).toEqual([{ dataset: 'fruit', files: 3, bytes: 9 }]);
  expect(left).toEqual(['data/table.csv', 'data/copied']);
  const { packs } = farm.store;
  expect(packs.packs().reduce((sum, { index }) => sum + index.count, 0)).toBe(3);
  expect(await lockOfFiles()).toEqual(lock);
});

test('the layout of DVC 2 and a remote in a folder are read as well', async () => {
  const cache = join(old, '.dvc', 'cache');
  await rename(join(cache, 'files', 'md5'), join(old, 'objects'));
  await rm(cache, { recursive: true });
  await writeFile(
    join(old, '.dvc', 'config'),
    '[core]\n    remote = farm\n[\'remote "farm"\']\n    url = ../objects\n[\'remote "cloud"\']\n    url = s3://farm\n',
  );
  const { lock } = await importAll();
  expect(await lockOfFiles()).toEqual(lock);
});

test('objects that are missing or damaged are named, and the lock stays as it was', async () => {
  const folder = join(old, '.dvc/cache/files/md5/76');
  const [name = ''] = await readdir(folder);
  await writeFile(join(folder, name), 'melon');
  await expect(importAll()).rejects.toMatchObject({
    code: 'DVC_CORRUPT',
    details: { path: 'apple/1.jpg' },
  });
  await rm(join(folder, name));
  await expect(importAll()).rejects.toMatchObject({
    code: 'DVC_MISSING',
    details: { path: 'data/fruit/apple/1.jpg' },
  });
  expect(await readdir(farm.root)).not.toContain('data.lock.json');
});

test('a folder without DVC, or without anything that a dataset is made of, is refused', async () => {
  await rm(join(old, 'data', 'fruit.dvc'));
  await expect(importAll()).rejects.toMatchObject({ code: 'DVC_UNRELATED' });
  await rm(join(old, '.dvc'), { recursive: true });
  await expect(importAll()).rejects.toMatchObject({ code: 'DVC_INVALID' });
});

test('a tag that nobody knows changes nothing, and no library prints a warning', async () => {
  const pointer = join(old, 'data', 'fruit.dvc');
  await writeFile(pointer, `${await readFile(pointer, 'utf8')}meta: !farm {by: jen}\n`);
  const warned = vi.spyOn(process, 'emitWarning');
  expect((await importAll()).imported).toMatchObject([{ files: 3 }]);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test('a path that is named twice is refused, wherever', async () => {
  const text = await readFile(join(old, 'data', 'fruit.dvc'), 'utf8');
  await writeFile(join(old, 'data', 'again.dvc'), text);
  await expect(importAll()).rejects.toMatchObject({
    code: 'DVC_INVALID',
    message: expect.stringContaining('names data/fruit as data/again.dvc does'),
  });
  expect(await readdir(farm.root)).not.toContain('data.lock.json');
});

test('a list of files that leads out of its folder is refused', async () => {
  const folder = join(old, '.dvc/cache/files/md5/bc');
  const [name = ''] = await readdir(folder);
  const entry = { md5: '763950971c8c6d8df8a87a1e752799a9', relpath: '../../escape.jpg' };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), JSON.stringify([entry]));
  await expect(importAll()).rejects.toMatchObject({ code: 'DVC_INVALID' });
});

const [apple, pear] = ['763950971c8c6d8df8a87a1e752799a9', 'ff27148a4f43f95b7446edceff986f68'];

/** Writes the list of the files of data/fruit. */
async function listFiles(files: readonly (readonly [md5: string, relpath: string])[]) {
  const folder = join(old, '.dvc/cache/files/md5/bc');
  const [name = ''] = await readdir(folder);
  const entries = files.map(([md5, relpath]) => ({ md5, relpath }));
  await writeFile(join(folder, name), JSON.stringify(entries));
}

const unholdable: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'names a/1.jpg twice',
    [
      [apple, 'a/1.jpg'],
      [pear, 'a/1.jpg'],
    ],
  ],
  [
    'names a/1.jpg twice',
    [
      [apple, 'a/1.jpg'],
      [pear, 'b/1.jpg'],
      [apple, 'a/1.jpg'],
    ],
  ],
  [
    'names a as a file and as a folder',
    [
      [apple, 'a'],
      [pear, 'a/1.jpg'],
    ],
  ],
  [
    'names a/b as a file and as a folder',
    [
      [apple, 'a/b/c/1.jpg'],
      [pear, 'a/b'],
    ],
  ],
  ['names a/\\x00.jpg, which no file can be called', [[apple, 'a/\0.jpg']]],
  ['names a\\x00/1.jpg, which no file can be called', [[apple, 'a\0/1.jpg']]],
  ['which no file can be called', [[apple, 'a/\ud800.jpg']]],
  ['which no file can be called', [[apple, 'a/1\n2.jpg']]],
  ['names no file', []],
  [
    'names no file',
    [
      [apple, '.cache/1.jpg'],
      [pear, 'a/.hidden.jpg'],
    ],
  ],
];

test.for(unholdable)('a list that no folder can hold is refused: %s', async ([reason, files]) => {
  await listFiles(files);
  await expect(importAll()).rejects.toMatchObject({
    code: 'DVC_INVALID',
    message: expect.stringContaining(reason),
  });
  expect(await readdir(farm.root)).not.toContain('data.lock.json');
});

test('hidden files of a list are left out as lock leaves them out, and that is said', async () => {
  const said: string[] = [];
  const info = (text: string) => void said.push(text);
  const workspace = { ...farm.workspace, reporter: { ...farm.workspace.reporter, info } };
  await listFiles([
    ...([
      [apple, 'apple/1.jpg'],
      [pear, 'pear/1.jpg'],
    ] as const),
    ...([
      [pear, '.git/hooks/pre-commit'],
      [pear, 'pear/@eaDir/1.jpg'],
    ] as const),
  ]);
  const { imported } = await importDvc(workspace, farm.store, old, [farm.project]);
  expect(imported).toMatchObject([{ files: 2 }]);
  expect(said).toContain('fruit: left out: 2 hidden names (.git/hooks/pre-commit, …)');
});

test.for(['folder', 'pipe'] as const)(
  'a %s in the place of an object is named, wherever it is',
  async (kind) => {
    const put = (path: string) =>
      kind === 'folder' ? mkdir(path) : void execFileSync('mkfifo', [path]);
    const cache = join(old, '.dvc/cache/files/md5');
    const kept = join(farm.root, '.mainstem', 'kept');
    await cp(cache, kept, { recursive: true });
    for (const part of ['76', 'bc']) {
      const [name = ''] = await readdir(join(cache, part));
      const object = join(cache, part, name);
      await rm(object);
      await put(object);
      await expect(importAll()).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        details: { path: object, reason: kind === 'folder' ? 'EISDIR' : 'ENOTFILE' },
      });
      await rm(object, { recursive: true });
      await cp(join(kept, part, name), object);
    }
    expect(await readdir(farm.root)).not.toContain('data.lock.json');
  },
);

test('an object that lies in another cache is taken from there', async () => {
  const cache = join(old, '.dvc/cache');
  await cp(cache, join(old, 'other'), { recursive: true });
  const config = '[cache]\n    dir = ../other\n';
  await writeFile(join(old, '.dvc', 'config'), config);
  const [name = ''] = await readdir(join(old, 'other/files/md5/76'));
  await rm(join(old, 'other/files/md5/76', name));
  await mkdir(join(old, 'other/files/md5/76', name));
  expect((await importAll()).lock).toEqual(await lockOfFiles());
});

test('a configuration that is there and cannot be read is named', async () => {
  const config = join(old, '.dvc', 'config');
  await rm(config, { force: true });
  await mkdir(config);
  await expect(importAll()).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    details: { path: config },
  });
});

test('a link that leads back to itself in the place of an object or a cache is named', async () => {
  const cache = join(old, '.dvc/cache');
  const [name = ''] = await readdir(join(cache, 'files/md5/76'));
  const object = join(cache, 'files/md5/76', name);
  await rm(object);
  await symlink(name, object);
  await expect(importAll()).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    details: { path: object, reason: 'ELOOP' },
  });
  await rm(cache, { recursive: true });
  await symlink('cache', cache);
  await expect(importAll()).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    details: { reason: 'ELOOP' },
  });
});
