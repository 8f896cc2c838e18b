/*
 * Converts HEIC photos to JPEG, one task at a time: bytes in, `{ jpeg }` or `{ fault }` out. A thread of its own, because
 * decoding takes seconds, and because libheif prints what it thinks of a file. Started by convert-heic.ts.
 */
import libheif, { type HeifImage } from 'libheif-js/wasm-bundle.js';
import sharp from 'sharp';
import { answerTasks } from '../../../../platform/lib/threads.ts';
import { maximumPixels } from '../../../../platform/transforms/index.ts';
import { addProfile, findProfile } from './colour-profile.ts';
import type { Converted } from './convert-heic.ts';

/** Good enough that nobody sees a difference. */
const quality = 92;

answerTasks<Uint8Array, Converted>((bytes) =>
  convert(bytes).then(
    (jpeg) => ({ jpeg }),
    (error: unknown) => ({ fault: error instanceof Error ? error.message : String(error) }),
  ),
);

/** libheif turns pictures upright, so that no orientation is kept; nor is any other EXIF data. */
async function convert(bytes: Uint8Array): Promise<Uint8Array> {
  const images = new libheif.HeifDecoder().decode(bytes);
  try {
    const [image] = images;
    if (!image) throw new Error('it is damaged or incomplete');
    const { data, width, height } = await pixelsOf(image);
    const jpeg = await sharp(data, { raw: { width, height, channels: 4 } })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality })
      .toBuffer();
    return addProfile(jpeg, findProfile(bytes));
  } finally {
    for (const image of images) image.free();
  }
}

function pixelsOf(image: HeifImage) {
  const [width, height] = [image.get_width(), image.get_height()];
  if (width * height > maximumPixels) throw new Error(`it has ${width}×${height} pixels`);
  const data = new Uint8ClampedArray(width * height * 4);
  const { promise, resolve, reject } = Promise.withResolvers<{
    data: Uint8ClampedArray;
    width: number;
    height: number;
  }>();
  image.display({ data, width, height }, (filled) =>
    filled ? resolve(filled) : reject(new Error('it cannot be decoded')),
  );
  return promise;
}
