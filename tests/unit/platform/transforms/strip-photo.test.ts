import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { stripPhoto } from '../../../../platform/transforms/index.ts';

const secret = 'Jen at 52.5 N 13.4 E';

/** A picture with a different colour in each corner, so that turning it shows. */
async function picture(format: 'jpeg' | 'png' | 'webp', orientation = 1, options = {}) {
  const [width, height] = [24, 16];
  const raw = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    raw[at * 3] = (at % width) * 10;
    raw[at * 3 + 1] = Math.floor(at / width) * 15;
    raw[at * 3 + 2] = at % 256;
  }
  return sharp(raw, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation })
    .withExifMerge({
      IFD0: { Artist: secret, Make: 'Camera' },
      IFD3: { GPSLatitude: '52/1 30/1 0/1' },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)
    .toFormat(format, options)
    .toBuffer();
}

const pixels = (bytes: Uint8Array) => sharp(bytes).autoOrient().raw().toBuffer();
const facts = (bytes: Uint8Array) => sharp(bytes).metadata();

describe.each(['jpeg', 'png', 'webp'] as const)('a %s', (format) => {
  test('loses what it says of people and places, and keeps pixels and colour profile', async () => {
    const photo = await picture(format);
    expect(photo.includes(secret)).toBe(true);
    const before = await facts(photo);
    const stripped = stripPhoto(photo);
    if (!stripped) throw new Error('not stripped');
    const after = await facts(stripped);
    expect(Buffer.from(stripped).includes(secret)).toBe(false);
    expect(before.exif).toBeDefined();
    expect([after.exif, after.xmp]).toEqual([undefined, undefined]);
    expect(after.icc).toEqual(before.icc);
    expect(await pixels(stripped)).toEqual(await pixels(photo));
    expect(stripPhoto(stripped)).toEqual(stripped);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'that was held as %i says is shown as before',
    async (orientation) => {
      const photo = await picture(format, orientation);
      const stripped = stripPhoto(photo);
      if (!stripped) throw new Error('not stripped');
      const { orientation: held = 1 } = await facts(stripped);
      expect(held).toBe(orientation);
      expect(await pixels(stripped)).toEqual(await pixels(photo));
      expect(Buffer.from(stripped).includes(secret)).toBe(false);
    },
  );

  test('that is cut anywhere, or changed at any byte of its beginning, throws nothing', async () => {
    const photo = await picture(format, 6);
    for (let end = 0; end < photo.length; end++) stripPhoto(photo.subarray(0, end));
    for (let at = 0; at < Math.min(photo.length, 400); at++) {
      const changed = Buffer.from(photo);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      stripPhoto(changed);
    }
  });
});

test('a JPEG with several scans, restart marks and filled markers stays whole', async () => {
  const progressive = await picture('jpeg', 3, { progressive: true });
  const stripped = stripPhoto(progressive);
  expect(await pixels(stripped ?? Buffer.alloc(0))).toEqual(await pixels(progressive));
  const plain = await picture('jpeg');
  const filled = Buffer.concat([
    plain.subarray(0, 2),
    Buffer.from([0xff, 0xff]),
    plain.subarray(2),
  ]);
  expect(await pixels(stripPhoto(filled) ?? Buffer.alloc(0))).toEqual(await pixels(plain));
});

test('what hides behind the end of a picture is cut off', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const photo = await picture(format);
    const hidden = Buffer.concat([photo, Buffer.from(`second picture ${secret}`)]);
    expect(stripPhoto(hidden)).toEqual(stripPhoto(photo));
  }
});

test('anything but a photo of these formats is refused', async () => {
  expect(stripPhoto(Buffer.from('no photo'))).toBeNull();
  expect(stripPhoto(Buffer.alloc(0))).toBeNull();
  const gif = await sharp(await picture('png'))
    .gif()
    .toBuffer();
  expect(stripPhoto(gif)).toBeNull();
});
