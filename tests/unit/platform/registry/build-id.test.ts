import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestTree, readBuildId } from '../../../../platform/registry/index.ts';
import { test } from '../../../helpers/folder.ts';

const repository = join(import.meta.dirname, '../../../..');

test('the build id of a tree is the same each time', async () => {
  expect(await readBuildId(repository)).toBe(await readBuildId(repository));
});

test('a changed, added or renamed file gives another digest; a hidden or installed one does not', async ({
  folder,
}) => {
  const paths = ['one.json', 'code'];
  await mkdir(join(folder, 'code/node_modules/package'), { recursive: true });
  await writeFile(join(folder, 'one.json'), '{}');
  await writeFile(join(folder, 'code/a.ts'), 'a');
  const before = await digestTree(folder, paths);
  await writeFile(join(folder, 'code/.hidden'), 'x');
  await writeFile(join(folder, 'code/node_modules/package/index.js'), 'x');
  await writeFile(join(folder, 'elsewhere'), 'x');
  expect(await digestTree(folder, paths)).toBe(before);
  await writeFile(join(folder, 'code/b.ts'), 'b');
  const added = await digestTree(folder, paths);
  await rename(join(folder, 'code/b.ts'), join(folder, 'code/c.ts'));
  const renamed = await digestTree(folder, paths);
  await writeFile(join(folder, 'code/c.ts'), 'changed');
  expect(new Set([before, added, renamed, await digestTree(folder, paths)]).size).toBe(4);
});
