import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { hasPhotoName } from '../../../../../../pipeline/template/init/has-photo-name.ts';
import {
  addProfile,
  findProfile,
} from '../../../../../../pipeline/template/init/heic/colour-profile.ts';
import { listFiles } from '../../../../../../platform/lib/files.ts';
import { decodeImage } from '../../../../../../platform/transforms/index.ts';
import { test as base } from '../../../../../helpers/folder.ts';
import { initIn, plantSpots, plantTemplate } from '../template.ts';

/** 64 × 48 pixels, red at the left and blue at the right, turned to the right, with an ICC profile. */
const phone = join(import.meta.dirname, '../../../../../fixtures/photos/phone.heic');

const test = base.extend<{ root: string; photos: string }>({
  root: async ({ folder }, use) => {
    await plantTemplate(join(folder, 'repository'));
    await use(join(folder, 'repository'));
  },
  photos: async ({ folder }, use) => {
    await plantSpots(join(folder, 'photos'), { cat: 3, dog: 3 });
    await use(join(folder, 'photos'));
  },
});

test('HEIC photos are converted to upright JPEG with their colours, whatever their names say', async ({
  root,
  photos,
}) => {
  await copyFile(phone, join(photos, 'cat/IMG_7.HEIC'));
  await copyFile(phone, join(photos, 'dog/IMG_8.jpg'));
  const { notes, examples } = await initIn(root, { name: 'pets', from: photos });
  expect(examples).toBe(8);
  expect(notes).toContain('Converted 2 HEIC photos to JPEG.');
  for (const path of ['cat/IMG_7.HEIC.jpg', 'dog/IMG_8.jpg']) {
    const jpeg = await readFile(join(root, 'data/pets', path));
    const { format, width, height, orientation, icc } = await sharp(jpeg).metadata();
    expect({ format, orientation }).toEqual({ format: 'jpeg', orientation: undefined });
    expect([width, height]).toEqual([48, 64]);
    expect(icc).toEqual(Buffer.from(findProfile(await readFile(phone)) ?? []));
    const [top, bottom] = await halvesOf(jpeg);
    expect([(top?.[0] ?? 0) > 180, (bottom?.[2] ?? 0) > 160]).toEqual([true, true]);
  }
});

test('photos in the repository are copied where some have to be converted', async ({ root }) => {
  const mine = join(root, 'mine');
  await plantSpots(mine, { cat: 3, dog: 3 });
  await copyFile(phone, join(mine, 'cat/IMG_7.heic'));
  const { data, copied } = await initIn(root, { name: 'pets', from: mine });
  expect({ data, copied }).toEqual({ data: 'data/pets', copied: true });
  await mkdir(join(root, 'data/other/cat'), { recursive: true });
  await plantSpots(join(root, 'data/other'), { dog: 3 });
  await copyFile(phone, join(root, 'data/other/cat/IMG_7.heic'));
  const request = { name: 'other', from: join(root, 'data/other') };
  await expect(initIn(root, request)).rejects.toMatchObject({ code: 'INIT_SAME_PLACE' });
});

test('a HEIC photo that cannot be converted stays, and is named', async ({ root, photos }) => {
  const bytes = await readFile(phone);
  await writeFile(join(photos, 'cat/half.heic'), bytes.subarray(0, 900));
  const { notes } = await initIn(root, { name: 'pets', from: photos });
  expect(notes.join('\n')).toContain('Could not convert 1 HEIC photo, for example cat/half.heic');
  expect(await listFiles(join(root, 'data/pets'))).toContain('cat/half.heic.jpg');
});

test('labels that name HEIC photos find them', async ({ root, folder }) => {
  const photos = join(folder, 'loose');
  await mkdir(photos);
  for (const name of ['1.HEIC', '2.HEIC']) await copyFile(phone, join(photos, name));
  await writeFile(join(photos, 'labels.csv'), 'image,label\n1.HEIC,cat\n2.HEIC,dog\n');
  await initIn(root, { name: 'pets', from: photos });
  const photographed = (await listFiles(join(root, 'data/pets'))).filter(hasPhotoName);
  expect(photographed).toEqual(['cat/1.HEIC.jpg', 'dog/2.HEIC.jpg']);
});

test('a profile is only taken whole', async () => {
  const jpeg = await readFile(phone);
  expect(findProfile(jpeg.subarray(0, jpeg.indexOf('colrprof') + 20))).toBeNull();
  expect(findProfile(Buffer.from('colrprof'))).toBeNull();
  expect(addProfile(jpeg, null)).toBe(jpeg);
});

/** Mean colours of the upper and the lower half. */
async function halvesOf(jpeg: Uint8Array): Promise<(readonly number[])[]> {
  const size = 16;
  const pixels = await decodeImage(jpeg, size);
  return [0, 1].map((half) => {
    const rows = pixels.subarray((half * pixels.length) / 2, ((half + 1) * pixels.length) / 2);
    const mean = (channel: number) =>
      rows.reduce((sum, value, at) => (at % 3 === channel ? sum + value : sum), 0) /
      (rows.length / 3);
    return [mean(0), mean(1), mean(2)];
  });
}
