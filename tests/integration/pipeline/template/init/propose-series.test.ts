import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { parseCsv } from '../../../../../platform/lib/csv.ts';
import { exists } from '../../../../../platform/lib/files.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { test as base } from '../../../../helpers/folder.ts';
import { checkCode, initIn, plantTemplate } from './template.ts';

const test = base.extend<{ root: string; photos: string }>({
  root: async ({ folder }, use) => {
    await plantTemplate(join(folder, 'repository'));
    await use(join(folder, 'repository'));
  },
  photos: async ({ folder }, use) => {
    await plantScenes(join(folder, 'photos'));
    await use(join(folder, 'photos'));
  },
});

test('bursts become groups that the split keeps together', async ({ root, photos }) => {
  await plantBurst(photos, 'cat', 20, 4);
  await plantBurst(photos, 'dog', 40, 3);
  const { notes } = await initIn(root, { name: 'pets', from: photos });
  expect(notes.join('\n')).toContain(
    '7 photos look almost like others (2 series, for example cat/IMG_20.jpg = cat/IMG_21.jpg)',
  );
  const rows = await metadataOf(join(root, 'data/pets'));
  expect(rows).toHaveLength(27);
  const names = ['IMG_20', 'IMG_21', 'IMG_22', 'IMG_23'].map((name) => `cat/${name}.jpg`);
  expect(rows.filter(({ series }) => series === 'cat/IMG_20.jpg').map(({ file }) => file)).toEqual(
    names,
  );
  expect(rows.filter(({ series }) => series === '')).toHaveLength(20);
  const code = await readFile(join(root, 'pipeline/projects/pets/project.ts'), 'utf8');
  expect(code).toContain("group: 'series'");
  await checkCode(root);
});

test('a copy in another class is found wherever it is, and its label is doubted', async ({
  root,
  photos,
}) => {
  const bytes = await sharp(join(photos, 'cat/IMG_1.jpg')).resize(100).jpeg().toBuffer();
  await writeFile(join(photos, 'dog/copy.jpg'), bytes);
  const { notes } = await initIn(root, { name: 'pets', from: photos });
  expect(notes.join('\n')).toContain('cat/IMG_1.jpg = dog/copy.jpg: is one of the labels wrong?');
});

test('photos that differ stay on their own', async ({ root, photos }) => {
  const { notes } = await initIn(root, { name: 'pets', from: photos });
  expect(notes.join('\n')).not.toContain('almost');
  expect(await exists(join(root, 'data/pets/metadata.csv'))).toBe(false);
});

test('photos in the repository get a metadata.csv, but theirs is not changed', async ({ root }) => {
  const mine = join(root, 'mine');
  await plantScenes(mine);
  await plantBurst(mine, 'cat', 20, 4);
  await initIn(root, { name: 'pets', from: mine });
  expect(await metadataOf(mine)).toHaveLength(24);
  await writeFile(join(mine, 'metadata.csv'), 'file,place\ncat/IMG_1.jpg,barn\n');
  const { notes } = await initIn(root, { name: 'others', from: mine });
  expect(notes.join('\n')).toContain('one value in the column that split.group names');
  expect(await metadataOf(mine)).toEqual([{ file: 'cat/IMG_1.jpg', place: 'barn' }]);
});

async function metadataOf(folder: string) {
  return parseCsv(await readFile(join(folder, 'metadata.csv')), 'metadata.csv').rows;
}

/** Ten photos of different things for each class. */
async function plantScenes(folder: string): Promise<void> {
  for (const [at, name] of ['cat', 'dog'].entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let number = 0; number < 10; number++) {
      const bytes = await scene(`${name}/${number}`).jpeg().toBuffer();
      await writeFile(join(folder, name, `IMG_${number + at * 100}.jpg`), bytes);
    }
  }
}

/** Photos of one thing, with the camera moving a little. */
async function plantBurst(
  folder: string,
  name: string,
  first: number,
  count: number,
  thing = first,
) {
  await mkdir(join(folder, name), { recursive: true });
  for (let at = 0; at < count; at++) {
    const bytes = await scene(`burst/${thing}`)
      .extract({ left: 3 * at, top: 2 * at, width: 140, height: 140 })
      .modulate({ brightness: 1 + at / 40 })
      .jpeg({ quality: 80 })
      .toBuffer();
    await writeFile(join(folder, name, `IMG_${first + at}.jpg`), bytes);
  }
}

/** A picture of 160 × 160 pixels with coarse patches of any brightness. */
function scene(seed: string) {
  const random = createRandom(seed);
  const patches = Buffer.from(Array.from({ length: 7 * 7 * 3 }, () => random.int(256)));
  return sharp(patches, { raw: { width: 7, height: 7, channels: 3 } }).resize(160, 160, {
    kernel: 'cubic',
  });
}
