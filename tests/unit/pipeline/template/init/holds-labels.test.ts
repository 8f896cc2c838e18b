import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { holdsLabels } from '../../../../../pipeline/template/init/holds-labels.ts';
import { photosBeside } from '../../../../../pipeline/template/init/photos-beside.ts';
import { test } from '../../../../helpers/folder.ts';

/** A folder with a table, and photos two folders below it. */
async function plant(folder: string, table: string, photos: readonly string[]): Promise<string> {
  await mkdir(join(folder, 'more/photos'), { recursive: true });
  for (const photo of photos) await writeFile(join(folder, 'more/photos', photo), '');
  const from = join(folder, 'table.csv');
  await writeFile(from, table);
  return from;
}

test.for<[string, string, boolean]>([
  ['photos by name', 'file,kind,size\na.jpg,x,1\nb.jpg,y,2\nc.jpg,x,3', true],
  ['photos without their extensions', 'id,kind,size\na,x,1\nb,y,2\nc,x,3', true],
  ['photos that are elsewhere', 'file,kind,size\nd.jpg,x,1\ne.jpg,y,2\nf.jpg,x,3', false],
  ['names of nothing that lies there', 'id,kind,size\nd,x,1\ne,y,2\nf,x,3', false],
  ['numbers that happen to be called like photos', 'id,kind,size\n1,x,1\n2,y,2\n1.5,x,3', false],
  ['a word in every row', 'id,kind,size\na,x,1\na,y,2\na,x,3\na,x,4\na,y,5', false],
])('a table of %s', async ([, table, expected], { folder }) => {
  const photos = ['a.jpg', 'b.jpg', 'c.jpg', '1.jpg', '2.jpg', '1.5.jpg'];
  expect(await holdsLabels({ from: await plant(folder, table, photos) })).toBe(expected);
});

test('what other people call their files is no reason to stop, nor is a folder that is full of them', async ({
  folder,
}) => {
  const from = await plant(folder, 'file,kind,size\na.jpg,x,1\nb.jpg,y,2', ['a.jpg', 'b.jpg']);
  await writeFile(join(folder, 'more', 'weird\nname.jpg'), '');
  await writeFile(Buffer.from(`${folder}/more/caf\xe9.jpg`, 'latin1'), '');
  expect(await holdsLabels({ from })).toBe(true);
  expect((await photosBeside(folder)).sort()).toEqual(['more/photos/a.jpg', 'more/photos/b.jpg']);
  await mkdir(join(folder, 'more/photos/deep'));
  await writeFile(join(folder, 'more/photos/deep/c.jpg'), '');
  expect(await photosBeside(folder, 2)).toEqual([]);
  expect(await photosBeside(folder, 6)).toHaveLength(2);
  expect(await photosBeside(folder)).toHaveLength(3);
});
