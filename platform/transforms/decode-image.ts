import type { ImageOptions } from './open-image.ts';
import { readPicture } from './picture.ts';
import { type Box, type Raster, resample, type Size } from './resample.ts';

/**
 * Decodes a picture as the network sees it: upright, cut to the square in its middle, resized (Lanczos).
 * Training and serving both see this.
 *
 * @param bytes the encoded picture. @param size pixels per side of the result.
 * @returns size × size × 3 bytes, rows from the top, RGB.
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW
 */
export async function decodeImage(
  bytes: Uint8Array,
  size: number,
  options: ImageOptions = {},
): Promise<Uint8Array> {
  return cropPicture(await readPicture(bytes, size, options), size);
}

/**
 * The square in the middle of a picture, resized: the network's input except for the scale.
 *
 * @returns size × size × 3 bytes, rows from the top, RGB.
 */
export function cropPicture(picture: Raster, size: number): Uint8Array {
  return withoutFourth(resample(picture, middleOf(picture), { width: size, height: size }));
}

/** The largest square in the middle of a picture. */
export function middleOf({ width, height }: Size): Box {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
}

function withoutFourth({ pixels }: Raster): Uint8Array {
  const colours = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    colours[to++] = pixels[from] ?? 0;
    colours[to++] = pixels[from + 1] ?? 0;
    colours[to++] = pixels[from + 2] ?? 0;
  }
  return colours;
}
