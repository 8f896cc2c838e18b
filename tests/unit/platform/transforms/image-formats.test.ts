import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { errorCodes } from '../../../../platform/lib/error-codes.ts';
import { imageFormat, imageFormats } from '../../../../platform/transforms/image-formats.ts';
import { decodeImage, hasImageName, namedFormat } from '../../../../platform/transforms/index.ts';
import { photoMediaTypes } from '../../../../serving/inference/photo-formats.ts';

const encoders = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
const pixels = sharp({ create: { width: 40, height: 30, channels: 3, background: '#c06020' } });

test('what is readable is what can be encoded and decoded here', () => {
  expect(imageFormats.filter(({ readable }) => readable).map(({ name }) => name)).toEqual(encoders);
});

test.each(encoders)(
  '%s is known by its first bytes and decoded; cut off, it has no end',
  async (name) => {
    const bytes = await pixels.clone().toFormat(name).toBuffer();
    const format = imageFormat(bytes);
    expect(format?.name).toBe(name);
    expect(await decodeImage(bytes, 8)).toHaveLength(8 * 8 * 3);
    if (!format?.endsEarly) return;
    expect(format.endsEarly(bytes)).toBe(false);
    expect(format.endsEarly(bytes.subarray(0, bytes.length - 16))).toBe(true);
  },
);

test('HEIC is recognised but refused by name of what is read', async () => {
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1');
  expect(imageFormat(heic)).toMatchObject({ name: 'heic', readable: false });
  await expect(decodeImage(heic, 8)).rejects.toMatchObject({
    code: 'IMAGE_UNREADABLE',
    message: expect.stringContaining('JPEG, PNG, WebP, AVIF, GIF or TIFF'),
  });
});

test('an extension belongs to one format, in whatever case', () => {
  const all = imageFormats.flatMap(({ extensions }) => extensions);
  expect(new Set(all).size).toBe(all.length);
  expect(namedFormat('good/1.JPG')).toBe('jpeg');
  expect(namedFormat('good/1.txt')).toBe('txt');
  expect(['a/1.jfif', 'a/1.heic', 'a/jpg', 'a/.png', 'a/1.tar.gz'].map(hasImageName)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('the page lets people choose the pictures that the server takes', () => {
  const [, accept = ''] =
    /id="pick"[^>]*accept="([^"]+)"/.exec(read('serving/web/index.html')) ?? [];
  expect(accept.split(',')).toEqual(photoMediaTypes);
});

test('the guide names every format that is read, the hint those that the server takes, too', () => {
  for (const { label, mediaType } of imageFormats.filter(({ readable }) => readable)) {
    expect(read('docs/your-own-project.md')).toContain(label);
    const served = photoMediaTypes.includes(mediaType);
    expect(errorCodes.IMAGE_UNREADABLE.hint.includes(label)).toBe(served);
  }
});

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, '../../../..', file), 'utf8');
}
