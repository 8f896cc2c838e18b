import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { parsePhotoHeader } from '../../../../platform/transforms/index.ts';

const flat = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 200, g: 90, b: 10, alpha: 0.5 } } });

const encoders = {
  jpeg: (width, height) => flat(width, height).jpeg(),
  progressive: (width, height) => flat(width, height).jpeg({ progressive: true }),
  turned: (width, height) => flat(width, height).withMetadata({ orientation: 6 }).jpeg(),
  profile: (width, height) => flat(width, height).withIccProfile('p3').jpeg(),
  png: (width, height) => flat(width, height).png(),
  palette: (width, height) => flat(width, height).png({ palette: true }),
  interlaced: (width, height) => flat(width, height).png({ progressive: true }),
  webp: (width, height) => flat(width, height).webp(),
  lossless: (width, height) => flat(width, height).webp({ lossless: true }),
  alpha: (width, height) => flat(width, height, 4).webp(),
  metadata: (width, height) => flat(width, height).withMetadata().webp(),
} satisfies Record<string, (width: number, height: number) => Sharp>;

const side = fc.integer({ min: 1, max: 700 });

test.each(Object.entries(encoders))(
  'the size of a %s picture is what the decoder finds',
  async (_, encode) => {
    await fc.assert(
      fc.asyncProperty(side, side, async (width, height) => {
        const header = parsePhotoHeader(await encode(width, height).toBuffer());
        expect(header).toMatchObject({ width, height });
      }),
      { numRuns: 8 },
    );
  },
);

test('only a JPEG with one scan shrinks while it is decoded', async () => {
  const shrinks = async (picture: Sharp) => parsePhotoHeader(await picture.toBuffer())?.shrinks;
  expect(await shrinks(encoders.jpeg(20, 20))).toBe(true);
  expect(await shrinks(encoders.progressive(20, 20))).toBe(false);
  expect(await shrinks(encoders.png(20, 20))).toBe(false);
  const severalScans = await encoders.jpeg(20, 20).toBuffer();
  const scan = severalScans.lastIndexOf('ffda', undefined, 'hex');
  severalScans[scan + 4] = 1;
  expect(parsePhotoHeader(severalScans)?.shrinks).toBe(false);
});

test('a thumbnail in the metadata does not hide the size', async () => {
  const thumbnail = await flat(8, 8).jpeg().toBuffer();
  const photo = await flat(300, 200).jpeg().toBuffer();
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(thumbnail.length + 2, 2);
  const bytes = Buffer.concat([photo.subarray(0, 2), segment, thumbnail, photo.subarray(2)]);
  expect(parsePhotoHeader(bytes)).toMatchObject({ width: 300, height: 200 });
});

test('damaged and foreign bytes have no header, and never hang or throw', async () => {
  const pictures = await Promise.all(
    Object.values(encoders).map((encode) => encode(30, 20).toBuffer()),
  );
  const damage = fc.record({
    picture: fc.constantFrom(...pictures),
    at: fc.nat(200),
    byte: fc.integer({ min: 0, max: 255 }),
    length: fc.nat(400),
  });
  fc.assert(
    fc.property(damage, ({ picture, at, byte, length }) => {
      const bytes = Buffer.from(picture.subarray(0, length));
      if (at < bytes.length) bytes[at] = byte;
      const header = parsePhotoHeader(bytes);
      if (header) expect(Math.min(header.width, header.height)).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
  expect(parsePhotoHeader(Buffer.alloc(0))).toBeNull();
  expect(parsePhotoHeader(await flat(9, 9).tiff().toBuffer())).toBeNull();
  expect(parsePhotoHeader(Buffer.from('\xff\xd8\xff'.repeat(100_000), 'latin1'))).toBeNull();
});
