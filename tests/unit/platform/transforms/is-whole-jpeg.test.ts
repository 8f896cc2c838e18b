import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import { isWholeJpeg, readPicture } from '../../../../platform/transforms/index.ts';

/** A picture with something everywhere: coarse noise, so that every block differs. */
function scene(width: number, height: number, channels: 1 | 3 = 3) {
  const random = createRandom(width * 31 + height);
  const [across, down] = [Math.ceil(width / 6), Math.ceil(height / 6)];
  const pixels = Buffer.from(
    Array.from({ length: across * down * channels }, () => random.next() * 256),
  );
  return sharp(pixels, { raw: { width: across, height: down, channels } }).resize(width, height, {
    ...{ fit: 'fill', kernel: 'cubic' },
  });
}

const end = Buffer.from([0xff, 0xd9]);
const photo = await scene(320, 240).jpeg({ quality: 85 }).toBuffer();
const progressive = await scene(320, 240).jpeg({ quality: 85, progressive: true }).toBuffer();
const large = await scene(1300, 1000).jpeg({ quality: 60 }).toBuffer();
const dataOf = (bytes: Buffer) => bytes.lastIndexOf('ffda', undefined, 'hex') + 14;

/** What happens to files: the rest is lost, and what is left is closed again; a part is overwritten or lost. */
const damages: Record<string, (bytes: Buffer, at: number) => Buffer> = {
  'cut off and closed again': (bytes, at) => Buffer.concat([bytes.subarray(0, at), end]),
  'zeros to the end': (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - at)]),
  'zeros to the end mark': (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - 2 - at), end]),
  'random bytes to the end mark': (bytes, at) => {
    const random = createRandom(at);
    const rest = Array.from({ length: bytes.length - 2 - at }, () => random.next() * 255);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(rest), end]);
  },
  'a sector that is lost': (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(at + 512, bytes.length - 2))]),
};

const place = fc.double({ min: 0, max: 0.95, noNaN: true });

test.each(Object.entries(damages))('%s, anywhere: a JPEG is not whole', (_, damage) => {
  fc.assert(
    fc.property(place, (share) => {
      const start = dataOf(photo);
      const at = start + Math.floor((photo.length - 2 - start) * share);
      expect(isWholeJpeg(damage(photo, at))).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('pictures of every size, quality and layout that programs write are whole', async () => {
  const side = fc.integer({ min: 1, max: 90 });
  const quality = fc.integer({ min: 1, max: 100 });
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      quality,
      fc.boolean(),
      fc.boolean(),
      async (width, height, q, full, grey) => {
        const options = { quality: q, chromaSubsampling: full ? '4:4:4' : '4:2:0' };
        const bytes = await scene(width, height, grey ? 1 : 3)
          .jpeg(options)
          .toBuffer();
        expect(isWholeJpeg(bytes)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('what cameras and phones add to good pictures is no damage', async () => {
  const trailer = Buffer.concat([photo, Buffer.alloc(5000, 7)]);
  const padded = Buffer.concat([photo.subarray(0, -2), Buffer.alloc(40, 7), end]);
  const restarted = withRestartInterval(await scene(64, 8).jpeg().toBuffer(), 4);
  for (const bytes of [trailer, padded, restarted, large]) {
    expect(isWholeJpeg(bytes)).toBe(true);
    await expect(readPicture(bytes, 64)).resolves.toMatchObject({ format: 'jpeg' });
  }
});

/** Says that restart marks come after so many units; a picture of as many has none. */
function withRestartInterval(bytes: Buffer, units: number): Buffer {
  const segment = Buffer.from([0xff, 0xdd, 0, 4, 0, units]);
  return Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]);
}

test('a picture without an end mark is not whole, and refused', async () => {
  for (const bytes of [photo.subarray(0, -2), progressive.subarray(0, -2), large.subarray(0, -2)]) {
    expect(isWholeJpeg(bytes)).not.toBe(true);
    await expect(readPicture(bytes, 64)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  }
});

test('other formats and progressive pictures are not judged', async () => {
  const png = await scene(20, 20).png().toBuffer();
  expect(isWholeJpeg(png)).toBeNull();
  expect(isWholeJpeg(progressive)).toBeNull();
  expect(isWholeJpeg(Buffer.alloc(0))).toBeNull();
});

test('no bytes whatever make it throw or take long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(photo.length - 1), fc.nat(255)), { maxLength: 20 }),
      (changes) => {
        const bytes = Buffer.from(photo);
        for (const [at, value] of changes) bytes[at] = value;
        const began = performance.now();
        expect([true, false, null]).toContain(isWholeJpeg(bytes));
        expect(performance.now() - began).toBeLessThan(1000);
      },
    ),
    { numRuns: 300 },
  );
  const tables = Buffer.from([0xff, 0xc4, 0, 20, 0, 1, ...Array(15).fill(0), 5]);
  const many = Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array(20_000).fill(tables)]);
  expect(isWholeJpeg(many)).toBeNull();
  const huge = Buffer.from(photo);
  const frame = huge.indexOf('ffc0', 0, 'hex');
  huge.writeUInt32BE(0xfff0_fff0, frame + 5);
  expect(isWholeJpeg(huge)).toBe(false);
});

test.each([
  ['small', photo],
  ['progressive', progressive],
  ['large', large],
])('a %s picture that breaks off is refused though it was closed again', async (_, bytes) => {
  for (const share of [0.3, 0.6, 0.9]) {
    const at = Math.floor(bytes.length * share);
    const closed = Buffer.concat([bytes.subarray(0, at), end]);
    await expect(readPicture(closed, 64)).rejects.toMatchObject({
      ...{ code: 'IMAGE_UNREADABLE', details: { damaged: true } },
    });
  }
  await expect(readPicture(bytes, 64)).resolves.toMatchObject({ format: 'jpeg' });
});

test('a picture of which the decoder only says that its header is odd is read', async () => {
  const versioned = Buffer.from('\xff\xe0\0\x10JFIF\0\x07\0\0\0\x01\0\x01\0\0', 'latin1');
  const odd = Buffer.concat([progressive.subarray(0, 2), versioned, progressive.subarray(2)]);
  await expect(sharp(odd, { failOn: 'warning' }).raw().toBuffer()).rejects.toThrow(/revision/);
  await expect(readPicture(odd, 64)).resolves.toMatchObject({ format: 'jpeg' });
});

test.each([
  ['PNG', () => scene(120, 90).png()],
  ['interlaced PNG', () => scene(120, 90).png({ progressive: true })],
  ['WebP', () => scene(120, 90).webp({ lossless: true })],
  ['GIF', () => scene(120, 90).gif()],
  ['AVIF', () => scene(120, 90).avif({ effort: 0 })],
])('%s that breaks off, closed again as its format is, is refused', async (name, make) => {
  const bytes = await make().toBuffer();
  for (const share of [0.4, 0.7]) {
    const cut = bytes.subarray(0, Math.floor((bytes.length * share) / 2) * 2);
    const closed = Buffer.concat([
      cut,
      name.endsWith('PNG') ? bytes.subarray(-12) : Buffer.from(name === 'GIF' ? [0x3b] : []),
    ]);
    if (name === 'WebP') {
      closed.writeUInt32LE(closed.length - 8, 4);
      closed.writeUInt32LE(closed.length - 20, 16);
    }
    await expect(readPicture(closed, 64)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  }
});

test('a PNG whose pixels do not fit their checksum is refused', async () => {
  const bytes = await scene(120, 90).png().toBuffer();
  const data = bytes.indexOf('IDAT', 0, 'latin1');
  const checksum = data + 4 + bytes.readUInt32BE(data - 4);
  bytes[checksum] = (bytes[checksum] ?? 0) ^ 1;
  await expect(readPicture(bytes, 64)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
});
