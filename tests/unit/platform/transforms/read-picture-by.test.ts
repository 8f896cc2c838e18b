import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import {
  cropPicture,
  type DecodeRaster,
  readPicture,
  readPictureBy,
} from '../../../../platform/transforms/index.ts';

/* What a browser does, here with libvips in the place of the browser's decoder: tests/e2e compares real browsers. */

const decode: DecodeRaster = async (bytes) => {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(data), width: info.width, height: info.height };
};
const never: DecodeRaster = async () => {
  throw new Error('the other decoder was asked');
};

/** Soft colours that differ in every corner. */
const scene = (width: number, height: number) =>
  sharp(Buffer.from([220, 40, 20, 30, 200, 60, 250, 240, 90, 20, 30, 180]), {
    raw: { width: 2, height: 2, channels: 3 },
  }).resize(width, height, { fit: 'fill', kernel: 'cubic' });

async function furthest(bytes: Uint8Array, by: DecodeRaster): Promise<number> {
  const ours = cropPicture(await readPicture(bytes, 64), 64);
  const theirs = cropPicture(await readPictureBy(by, bytes, 64), 64);
  return ours.reduce((most, level, at) => Math.max(most, Math.abs(level - (theirs[at] ?? 0))), 0);
}

test('a plain JPEG has the very same pixels', async () => {
  expect(await furthest(await scene(640, 480).jpeg().toBuffer(), never)).toBe(0);
});

test.each([
  ['large', 1600, 1200, { progressive: false }],
  ['progressive', 1024, 768, { progressive: true }],
  ['progressive, and not shrunk', 120, 90, { progressive: true }],
])('a JPEG that is %s needs no other decoder', async (_, width, height, options) => {
  const image = scene(width, height).withMetadata({ orientation: 6 });
  expect(await furthest(await image.jpeg(options).toBuffer(), never)).toBeLessThanOrEqual(2);
});

test('other pictures are decoded elsewhere, and shrunk alike', async () => {
  for (const format of ['png', 'webp'] as const) {
    const bytes = await scene(640, 480).toFormat(format, { lossless: true }).toBuffer();
    expect(await furthest(bytes, decode), format).toBeLessThanOrEqual(2);
  }
});

test('a JPEG in other colours than sRGB is decoded elsewhere', async () => {
  const bytes = await scene(200, 150).withIccProfile('p3').jpeg().toBuffer();
  expect(await furthest(bytes, decode)).toBeLessThanOrEqual(6);
  await expect(readPictureBy(never, bytes, 64)).rejects.toThrow('the other decoder was asked');
});

describe('is refused', () => {
  const codeOf = (bytes: Uint8Array, maximumPixels = 1e8) =>
    readPictureBy(decode, bytes, 64, { maximumPixels }).then(
      () => 'none',
      (error) => (isMainstemError(error) ? error.code : String(error)),
    );

  test.each([false, true])('a damaged JPEG, progressive %s', async (progressive) => {
    const whole = await scene(1600, 1200).jpeg({ progressive }).toBuffer();
    expect(await codeOf(whole.subarray(0, whole.length / 2))).toBe('IMAGE_UNREADABLE');
    const middle = Math.floor(whole.length / 2);
    const torn = Buffer.from(whole).fill(0, middle, middle + 300);
    expect(await codeOf(torn)).toBe('IMAGE_UNREADABLE');
  });

  test('a PNG that ends early, and what is not a picture', async () => {
    const png = await scene(64, 64).png().toBuffer();
    expect(await codeOf(png.subarray(0, png.length - 20))).toBe('IMAGE_UNREADABLE');
    expect(await codeOf(Buffer.from('hello'))).toBe('IMAGE_UNREADABLE');
  });

  test('a JPEG with more pixels than it may have', async () => {
    for (const progressive of [false, true]) {
      const bytes = await scene(1600, 1200).jpeg({ progressive }).toBuffer();
      expect(await codeOf(bytes, 1_000_000)).toBe('IMAGE_TOO_LARGE');
    }
  });
});
