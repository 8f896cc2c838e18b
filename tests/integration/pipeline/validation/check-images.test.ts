import { rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import type { CheckThresholds } from '../../../../platform/schemas/define/index.ts';
import { test } from '../../../helpers/folder.ts';
import { photoClaiming } from '../../../helpers/photos.ts';
import { datasetAt, found, photos, picture, plant, plantPhotos, validate } from './dataset.ts';

const grey = (shade: number, side = 96) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#000' } })
    .linear(1, shade)
    .jpeg();

test('a clean folder gives no findings', async ({ folder }) => {
  await plantPhotos(folder);
  expect(await validate(folder, photos)).toEqual([]);
});

describe('one bad photo among good ones is found', () => {
  const extra = 'data/photos/good/extra.jpg';
  const cases: [
    code: string,
    bytes: () => Promise<Uint8Array>,
    checks?: Partial<CheckThresholds>,
  ][] = [
    ['error PHOTO_NOT_IMAGE', async () => Buffer.from('<html>404 not found</html>')],
    ['error PHOTO_UNREADABLE', async () => corrupted(await picture(99).jpeg().toBuffer())],
    ['error PHOTO_TRUNCATED', async () => cut(await picture(99).jpeg().toBuffer())],
    ['error PHOTO_TRUNCATED', async () => emptied(await picture(99).jpeg().toBuffer())],
    ['error PHOTO_DAMAGED', async () => closed(cut(await picture(99).jpeg().toBuffer()))],
    [
      'error PHOTO_DAMAGED',
      async () => closed(cut(await picture(99).jpeg({ progressive: true }).toBuffer())),
    ],
    ['warning PHOTO_MISTYPED', () => picture(99).png().toBuffer()],
    ['warning PHOTO_SMALL', () => picture(99, 48).jpeg().toBuffer()],
    [
      'warning PHOTO_ELONGATED',
      () => picture(99).resize(400, 96, { fit: 'fill' }).jpeg().toBuffer(),
    ],
    ['warning PHOTO_DARK', () => picture(99).linear(0.15, 0).jpeg().toBuffer(), { contrast: 1 }],
    ['warning PHOTO_LIGHT', () => picture(99).linear(0.15, 225).jpeg().toBuffer(), { contrast: 1 }],
    ['warning PHOTO_FLAT', () => picture(99).linear(0.06, 120).jpeg().toBuffer(), { blur: 0 }],
    ['warning PHOTO_BLURRED', () => picture(99).blur(9).jpeg().toBuffer(), { contrast: 0 }],
    [
      'info PHOTO_ORIENTATION',
      () => picture(99).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    ],
    ['warning PHOTO_LOCATED', () => located()],
  ];
  test.for(cases)('%s', async ([code, bytes, checks = {}], { folder }) => {
    await plantPhotos(folder);
    await plant(folder, extra, await bytes());
    const findings = await validate(folder, { ...photos, checks });
    expect(found(findings)).toEqual([code]);
    expect(findings[0]).toMatchObject({ dataset: 'data/photos', count: 1 });
    expect(findings[0]?.examples[0]).toContain('good/extra.jpg');
  });
});

test('truncated PNG and WebP files are distinguished from other damage', async ({ folder }) => {
  await plantPhotos(folder);
  await plant(folder, 'data/photos/good/a.png', cut(await picture(99).png().toBuffer()));
  await plant(folder, 'data/photos/good/b.webp', cut(await picture(99).webp().toBuffer()));
  const [finding, ...others] = await validate(folder, photos);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'PHOTO_TRUNCATED', count: 2 });
});

test('thresholds of the project decide what is dark', async ({ folder }) => {
  await plantPhotos(folder);
  const findings = await validate(folder, { ...photos, checks: { dark: 250, light: 255 } });
  expect(found(findings)).toEqual(['warning PHOTO_DARK']);
  expect(findings[0]).toMatchObject({ count: 80 });
  expect(findings[0]?.examples).toHaveLength(5);
});

test('copies within a class, across splits and across classes are three findings', async ({
  folder,
}) => {
  await plantPhotos(folder);
  const bytes = await picture(77).jpeg().toBuffer();
  for (let number = 0; number < 8; number++) {
    await plant(folder, `data/photos/good/copy-${number}.jpg`, bytes);
  }
  expect(found(await validate(folder, photos))).toEqual(['warning DUPLICATE_WITHIN']);
  // Only groups can take copies apart.
  const apart = Array.from({ length: 8 }, (_, number) => `good/copy-${number}.jpg,thing ${number}`);
  await plant(folder, 'data/photos/metadata.csv', await metadata(...apart));
  const grouped = { ...photos, split: { ...photos.split, group: 'pumpkin' } };
  expect(found(await validate(folder, grouped))).toEqual(['error DUPLICATE_ACROSS']);
  await plant(folder, 'data/photos/bad/copy.jpg', bytes);
  expect(found(await validate(folder, grouped))).toEqual([
    'error DUPLICATE_LABELS',
    'error DUPLICATE_ACROSS',
    'warning METADATA_MISSING',
  ]);
});

test('a copy in another size is found where it is in another split', async ({ folder }) => {
  await plantPhotos(folder);
  for (let number = 0; number < 8; number++) {
    const bytes = await picture(77, 96 - number)
      .jpeg()
      .toBuffer();
    await plant(folder, `data/photos/good/copy-${number}.jpg`, bytes);
  }
  const [finding, ...others] = await validate(folder, photos);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'LOOK_ALIKE_ACROSS', severity: 'warning', count: 1 });
  const together = Array.from({ length: 8 }, (_, number) => `good/copy-${number}.jpg,thing`);
  await plant(folder, 'data/photos/metadata.csv', await metadata(...together));
  const grouped = { ...photos, split: { ...photos.split, group: 'pumpkin' } };
  expect(found(await validate(folder, grouped))).toEqual([]);
});

test('photos that the server would refuse are named, with its own words', async ({ folder }) => {
  await plantPhotos(folder);
  const line = await picture(99, 2).resize(2, 2100, { fit: 'fill' }).png().toBuffer();
  await plant(folder, 'data/photos/good/line.png', line);
  await plant(folder, 'data/photos/good/page.tiff', await picture(98).tiff().toBuffer());
  const findings = await validate(folder, photos);
  expect(findings.find(({ code }) => code === 'PHOTO_UNSERVED')).toMatchObject({
    severity: 'warning',
    examples: [
      'good/line.png: its 2 × 2100 pixels are a line, not a picture',
      'good/page.tiff: it is TIFF, not JPEG, PNG or WebP',
    ],
  });
});

test('a picture of too many pixels is called that, with its size', async ({ folder }) => {
  await plantPhotos(folder);
  await plant(folder, 'data/photos/good/huge.png', await photoClaiming(11_000, 11_000));
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual(['error PHOTO_TOO_LARGE']);
  expect(findings[0]).toMatchObject({
    message: '1 photo has more than 100 million pixels or 400 MB.',
    examples: ['good/huge.png 11000×11000'],
  });
});

test('a file that is too large for a picture is not read', async ({ folder }) => {
  await plantPhotos(folder);
  const path = join(folder, 'data/photos/good/video.jpg');
  await writeFile(path, '');
  await truncate(path, 401_000_000);
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual(['error PHOTO_TOO_LARGE']);
  expect(findings[0]).toMatchObject({ examples: ['good/video.jpg 401 MB'] });
});

test('copies that one group keeps in one split are only a warning', async ({ folder }) => {
  await plantPhotos(folder);
  const bytes = await picture(77).jpeg().toBuffer();
  await plant(folder, 'data/photos/good/a.jpg', bytes);
  await plant(folder, 'data/photos/good/b.jpg', bytes);
  await plant(
    folder,
    'data/photos/metadata.csv',
    await metadata('good/a.jpg,one', 'good/b.jpg,one'),
  );
  const split = { ...photos.split, group: 'pumpkin' };
  expect(found(await validate(folder, { ...photos, split }))).toEqual(['warning DUPLICATE_WITHIN']);
});

test('rows of metadata.csv and photos must match', async ({ folder }) => {
  await plantPhotos(folder);
  await plant(folder, 'data/photos/good/new.jpg', await picture(99).jpeg().toBuffer());
  await plant(folder, 'data/photos/metadata.csv', await metadata('good/gone.jpg,one'));
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual(['error METADATA_ORPHAN', 'warning METADATA_MISSING']);
  expect(findings.map(({ examples }) => examples)).toEqual([['good/gone.jpg'], ['good/new.jpg']]);
});

test('a folder that is not a class, and a class without a folder, are errors', async ({
  folder,
}) => {
  await plantPhotos(folder);
  await rename(join(folder, 'data/photos/good'), join(folder, 'data/photos/Good'));
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual([
    'error CLASS_UNKNOWN',
    'error CLASS_MISSING',
    'warning CLASS_SPARSE',
    'warning LABEL_SIMILAR',
  ]);
  expect(findings[0]?.message).toContain('"Good", while the class is "good"');
  expect(findings[1]?.examples).toEqual(['good']);
});

test('files beside the class folders are reported', async ({ folder }) => {
  await plantPhotos(folder);
  await writeFile(join(folder, 'data/photos/notes.txt'), 'taken in October');
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual(['warning FILE_STRAY']);
});

test('a rare class is a warning that names the counts', async ({ folder }) => {
  await plantPhotos(folder);
  for (let number = 8; number < 40; number++) {
    await rm(join(folder, `data/photos/bad/${number}.jpg`));
  }
  const findings = await validate(folder, photos);
  expect(found(findings)).toEqual(['warning CLASS_SPARSE', 'warning CLASS_IMBALANCE']);
});

test('a split without examples is an error', async ({ folder }) => {
  await plantPhotos(folder);
  const split = { seed: 3, fractions: [0.5, 0.5, 0] as const };
  const findings = await validate(folder, { ...photos, split });
  expect(found(findings)).toEqual(['error SPLIT_EMPTY']);
  expect(findings[0]?.examples).toEqual(['test']);
});

test('what must be refused may be dark, but must be readable and not a training photo', async ({
  folder,
}) => {
  await plantPhotos(folder);
  await plant(folder, 'data/other/night/1.jpg', await grey(2).toBuffer());
  await plant(folder, 'data/other/night/2.jpg', Buffer.from('nothing'));
  await plant(folder, 'data/other/night/3.jpg', await picture(1).jpeg().toBuffer());
  const findings = await validate(folder, {
    ...photos,
    outOfDistribution: datasetAt('data/other'),
  });
  expect(found(findings)).toEqual(['error OUT_OF_DISTRIBUTION_OVERLAP', 'error PHOTO_NOT_IMAGE']);
  expect(findings[0]?.examples).toEqual(['good/0.jpg = night/3.jpg']);
  expect(findings[1]).toMatchObject({ dataset: 'data/other', examples: ['night/2.jpg'] });
});

/** Rows for all clean photos and more. */
async function metadata(...rows: string[]): Promise<string> {
  const clean = ['good', 'bad'].flatMap((name) =>
    Array.from({ length: 40 }, (_, number) => `${name}/${number}.jpg,${name}-${number}`),
  );
  return ['file,pumpkin', ...clean, ...rows, ''].join('\n');
}

function cut(bytes: Buffer): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/** A download that never filled the second half. */
function emptied(bytes: Buffer): Uint8Array {
  return bytes.fill(0, Math.floor(bytes.length / 2));
}

function closed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.from([0xff, 0xd9])]);
}

/** A JPEG whose size says zero: damaged, but not cut off. */
function corrupted(bytes: Buffer): Uint8Array {
  const frame = bytes.indexOf('ffc0', 0, 'hex');
  return bytes.fill(0, frame + 5, frame + 9);
}

async function located(): Promise<Uint8Array> {
  const place = { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' };
  const more = { GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 0/1' };
  return picture(99)
    .withExif({ IFD3: { ...place, ...more } })
    .jpeg()
    .toBuffer();
}
