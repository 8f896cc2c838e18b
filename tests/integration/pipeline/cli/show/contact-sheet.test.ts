import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { repositoryRoot } from '../../../../../pipeline/cli/command.ts';
import { writeContactSheet } from '../../../../../pipeline/cli/show/contact-sheet.ts';
import { describeTable } from '../../../../../pipeline/cli/show/describe-table.ts';
import { loadProject } from '../../../../../platform/schemas/define/index.ts';
import { test } from '../../../../helpers/folder.ts';

async function addPhoto(folder: string, path: string, colour: string): Promise<void> {
  const create = { width: 90, height: 60, channels: 3, background: colour } as const;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), await sharp({ create }).jpeg().toBuffer());
}

test('a contact sheet shows every class in the order of the project, then the other things', async ({
  folder,
}) => {
  await addPhoto(folder, 'data/pumpkins/2026/bad/one.jpg', '#000000');
  await addPhoto(folder, 'data/pumpkins/2026/good/one.jpg', '#ff8800');
  await addPhoto(folder, 'data/pumpkins/2026/good/two.jpg', '#ff8800');
  await addPhoto(folder, 'data/pumpkins-other/watermelon/one.jpg', '#00ff00');
  await writeFile(join(folder, 'data/pumpkins/2026/bad/broken.jpg'), 'no picture');
  const project = await loadProject(repositoryRoot(), 'pumpkins');
  const sheet = await writeContactSheet(folder, project, { count: 1 });
  expect(sheet.path).toBe(join(folder, '.mainstem/contact-sheets/pumpkins.jpg'));
  expect(sheet.groups).toEqual([
    { title: 'good', files: 2 },
    { title: 'bad', files: 2 },
    { title: 'other: watermelon', files: 1 },
  ]);
  const { data, info } = await sharp(sheet.path).raw().toBuffer({ resolveWithObject: true });
  const pixel = (39 + 50) * info.width * 3 + 60 * 3;
  expect(data[pixel]).toBeGreaterThan(240);
  expect(data[pixel + 2]).toBeLessThan(20);
});

test('the error about missing data says how to get it', async ({ folder }) => {
  const project = await loadProject(repositoryRoot(), 'pumpkins');
  await expect(writeContactSheet(folder, project, { count: 1 })).rejects.toMatchObject({
    code: 'DATA_MISSING',
  });
});

test('a table is described by its first rows and columns', async () => {
  const root = repositoryRoot();
  const description = await describeTable(root, await loadProject(root, 'penguins'), 2);
  expect(description.rows).toBe(344);
  expect(description.first).toHaveLength(2);
  const species = description.columns.find(({ column }) => column === 'species');
  expect(species?.common?.[0]).toBe('Adelie (152)');
  const mass = description.columns.find(({ column }) => column === 'body_mass_g');
  expect(mass?.numbers?.low).toBe(2700);
});
