import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { exists, listFiles, writeFileAtomic } from '../../../../platform/lib/files.ts';
import { test } from '../../../helpers/folder.ts';

test('an atomic write creates missing folders and leaves no temporary file', async ({ folder }) => {
  await writeFileAtomic(join(folder, 'a/b/c.json'), '{}');
  expect(await readFile(join(folder, 'a/b/c.json'), 'utf8')).toBe('{}');
  expect(await readdir(join(folder, 'a/b'))).toEqual(['c.json']);
});

test('an atomic write that fails keeps the old content and nothing else', async ({ folder }) => {
  await mkdir(join(folder, 'taken.json'));
  await writeFile(join(folder, 'taken.json', 'inside'), 'x');
  await expect(writeFileAtomic(join(folder, 'taken.json'), 'new')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken.json']);
});

test('files are listed sorted with forward slashes and without hidden ones', async ({ folder }) => {
  for (const path of ['b/2.txt', 'a.txt', '.git/config', 'b/.hidden', 'b/10.txt']) {
    await writeFileAtomic(join(folder, path), '');
  }
  await chmod(join(folder, 'a.txt'), 0o600);
  expect(await listFiles(folder)).toEqual(['a.txt', 'b/10.txt', 'b/2.txt']);
});

test('a backslash in a name is part of the name, as everywhere but on Windows', async ({
  folder,
}) => {
  const paths = ['a/b/1.jpg', 'a/b\\1.jpg', 'a\\1.jpg'];
  for (const path of paths) await writeFileAtomic(join(folder, path), path);
  expect(await listFiles(folder)).toEqual(paths);
});

test('what nobody may look at is not taken for absent', async ({ folder }) => {
  await writeFile(join(folder, 'file'), '');
  await symlink('nowhere', join(folder, 'dangling'));
  await symlink('loop', join(folder, 'loop'));
  const found = ['file', 'dangling', 'loop', 'file/a', 'nowhere', 'nowhere/a/b'].map((name) =>
    exists(join(folder, name)),
  );
  expect(await Promise.all(found)).toEqual([true, true, true, false, false, false]);
  await expect(exists(join(folder, 'loop', 'a'))).rejects.toMatchObject({ code: 'ELOOP' });
  await expect(exists(join(folder, 'x'.repeat(300)))).rejects.toMatchObject({
    code: 'ENAMETOOLONG',
  });
});
