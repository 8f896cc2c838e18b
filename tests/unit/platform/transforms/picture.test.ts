import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { compileAssembly, findCompiler } from '../../../../platform/lib/compile-assembly.ts';
import {
  cropInput,
  cropPicture,
  decodeImage,
  measureImage,
  measurePicture,
  readPicture,
  readPlainPicture,
  scaleImage,
} from '../../../../platform/transforms/index.ts';
import { parseJpegHeader, parsePlainJpeg } from '../../../../platform/transforms/plain-jpeg.ts';
import { widenPixels } from '../../../../platform/transforms/widen-pixels.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/features-images');
const plain = await readFile(join(fixtures, 'plain.jpg'));

/** Four colours, one in each quarter, so that every turn looks different. */
const quarters = (width: number, height: number) =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return [x < width / 2 ? 220 : 40, y < height / 2 ? 200 : 60, 120][at % 3] ?? 0;
    }),
    { raw: { width, height, channels: 3 } },
  );

describe('a plain JPEG', () => {
  test('gives the committed pixels to the last bit, on every machine', async () => {
    const pixels = await decodeImage(plain, 16);
    expect(Buffer.compare(pixels, await readFile(join(fixtures, 'plain.jpg.rgb')))).toBe(0);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is turned upright from orientation %i', async (turn) => {
    const jpeg = await quarters(60, 40).jpeg().withMetadata({ orientation: turn }).toBuffer();
    const picture = readPlainPicture(jpeg, 16);
    const upright = await sharp(jpeg).autoOrient().ensureAlpha().raw().toBuffer();
    const full = turn > 4 ? { width: 40, height: 60 } : { width: 60, height: 40 };
    expect(picture).toMatchObject({ ...full, full, orientation: turn, format: 'jpeg' });
    const furthest = upright.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (picture?.pixels[at] ?? -1))),
      0,
    );
    expect(furthest).toBeLessThanOrEqual(2);
  });

  test('has the size and the orientation that the other decoder finds', async () => {
    const sides = fc.integer({ min: 1, max: 300 });
    const orientations = fc.integer({ min: 1, max: 8 });
    const run = async (width: number, height: number, orientation: number) => {
      const image = quarters(width, height).jpeg().withExif({}).withMetadata({ orientation });
      const bytes = await image.toBuffer();
      const found = await sharp(bytes).metadata();
      expect(parsePlainJpeg(bytes)).toEqual({
        ...{ width: found.width, height: found.height, orientation: found.orientation ?? 1 },
      });
    };
    await fc.assert(fc.asyncProperty(sides, sides, orientations, run), { numRuns: 25 });
  });

  test('is shrunk while it is decoded, but never below what is made of it', async () => {
    const large = await quarters(1024, 768).jpeg().toBuffer();
    const sizes = [64, 96, 97, 384, 500].map((side) => {
      const { width, height } = readPlainPicture(large, side) ?? { width: 0, height: 0 };
      return [width, height];
    });
    const [eighth, quarter, half, whole] = [8, 4, 2, 1].map((by) => [1024 / by, 768 / by]);
    expect(sizes).toEqual([eighth, eighth, quarter, half, whole]);
  });
});

test.each<[string, (image: Sharp) => Sharp]>([
  ['of more than a million pixels', (image) => image.resize(1100, 1000).jpeg()],
  ['progressive', (image) => image.jpeg({ progressive: true })],
  ['of four colours', (image) => image.toColourspace('cmyk').jpeg()],
  ['of other colours than sRGB', (image) => image.withIccProfile('p3').jpeg()],
  ['PNG', (image) => image.png()],
])('a picture that is %s is left to the other decoder', async (_, encode) => {
  const bytes = await encode(quarters(80, 60)).toBuffer();
  expect(readPlainPicture(bytes, 16)).toBeNull();
  await expect(readPicture(bytes, 16)).resolves.toMatchObject({ orientation: 1 });
});

test('a profile that calls itself sRGB converts nothing', async () => {
  const bytes = await quarters(80, 60).withIccProfile('srgb').jpeg().toBuffer();
  expect(readPlainPicture(bytes, 16)).not.toBeNull();
});

test('a damaged JPEG leaves nothing behind for the next one', async () => {
  const before = await decodeImage(plain, 16);
  await fc.assert(
    fc.asyncProperty(fc.nat(plain.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(plain);
      damaged[at] = value;
      await decodeImage(damaged, 16).catch(({ code }) => expect(code).toMatch(/^IMAGE_/));
      expect(Buffer.compare(await decodeImage(plain, 16), before)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('one decode gives what two give', async () => {
  const picture = await readPicture(plain, 64);
  expect(cropPicture(picture, 64)).toEqual(await decodeImage(plain, 64));
  expect(measurePicture(picture)).toEqual(await measureImage(plain, { side: 64 }));
});

test('where the head of a JPEG leaves no doubt, libvips finds the same orientation', async () => {
  const tags = { IFD0: { Make: 'a camera' }, IFD2: { UserComment: 'a field' } };
  const progressive = quarters(30, 20).jpeg({ progressive: true });
  const bytes = await progressive.withExif(tags).withMetadata({ orientation: 6 }).toBuffer();
  const exif = bytes.indexOf('Exif');
  expect(parseJpegHeader(bytes)).toMatchObject({ orientation: 6, isOriented: true });
  const changes = fc.array(fc.tuple(fc.nat(110), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const run = async (changed: readonly (readonly [number, number])[]) => {
    const altered = Buffer.from(bytes);
    for (const [at, value] of changed) altered[exif + at] = value;
    const header = parseJpegHeader(altered);
    if (!header?.isOriented) return;
    const { orientation = 1 } = await sharp(altered).metadata();
    expect(header.orientation).toBe(orientation);
  };
  await fc.assert(fc.asyncProperty(changes, run), { numRuns: 300 });
});

test('a JPEG with two EXIF segments, or none that can be read, is asked of libvips', async () => {
  const bytes = await quarters(30, 20).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const exif = bytes.indexOf('Exif') - 4;
  const segment = bytes.subarray(exif, exif + 2 + bytes.readUInt16BE(exif + 2));
  const twice = Buffer.concat([bytes.subarray(0, exif), segment, bytes.subarray(exif)]);
  const garbled = Buffer.from(bytes);
  garbled.fill(0, exif + 10, exif + 14);
  for (const doubtful of [twice, garbled])
    expect(parseJpegHeader(doubtful)?.isOriented).toBe(false);
  const none = await quarters(30, 20).jpeg().toBuffer();
  expect(parseJpegHeader(none)).toMatchObject({ orientation: 1, isOriented: true });
});

test('pixels of three bytes get a fourth', () => {
  const colours = fc.uint8Array({ maxLength: 60 }).filter(({ length }) => length % 3 === 0);
  const run = (pixels: Uint8Array) => {
    const wide = widenPixels(pixels);
    expect(wide).toHaveLength((pixels.length / 3) * 4);
    wide.forEach((value, at) => {
      expect(value).toBe(at % 4 === 3 ? 255 : pixels[Math.floor(at / 4) * 3 + (at % 4)]);
    });
  };
  fc.assert(fc.property(colours, run));
});

test('the input of the network is the crop, scaled, to the last bit', () => {
  const sides = fc.integer({ min: 1, max: 40 });
  const scales = fc.constantFrom(1 / 127.5, 1 / 255, 1, 0.017124753831663668);
  const offsets = fc.constantFrom(-1, 0, -2.1179039301310043, 0.1);
  const run = (width: number, height: number, size: number, scale: number, offset: number) => {
    const pixels = Uint8Array.from({ length: 4 * width * height }, (_, at) => (at * 2654435) >> 5);
    const picture = { pixels, width, height };
    const preprocessing = { kind: 'image', size, scale, offset } as const;
    const expected = new Float32Array(size * size * 3);
    scaleImage(cropPicture(picture, size), preprocessing, expected, 0);
    expect(cropInput(picture, preprocessing)).toEqual(expected);
  };
  fc.assert(fc.property(sides, sides, sides, scales, offsets, run));
});

const compiler = findCompiler();

test.skipIf(!compiler)(
  'the committed kernels.wasm is what its source compiles to (needs assemblyscript in .mainstem/tools)',
  async () => {
    const sources = new URL('../../../../platform/transforms/', import.meta.url);
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-kernels-'));
    try {
      const output = join(folder, 'kernels.wasm');
      await compileAssembly(compiler ?? '', new URL('assembly', sources), output);
      const committed = await readFile(new URL('kernels.wasm', sources));
      expect(Buffer.compare(await readFile(output), committed)).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
