import { type ImageOptions, openImage, withImageErrors } from './open-image.ts';

/**
 * Decodes a picture as the network sees it: upright, cut to the square in its middle, resized (Lanczos).
 * Training and serving both call this.
 *
 * @param bytes the encoded picture. @param size pixels per side of the result.
 * @returns size × size × 3 bytes, rows from the top, RGB.
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW
 */
export function decodeImage(
  bytes: Uint8Array,
  size: number,
  options: ImageOptions = {},
): Promise<Uint8Array> {
  return withImageErrors(options, async () => {
    const pixels = await openImage(bytes, options)
      .resize(size, size, { fit: 'cover', position: 'centre', kernel: 'lanczos3' })
      .raw({ depth: 'uchar' })
      .toBuffer();
    if (pixels.length !== size * size * 3) throw new Error(`${pixels.length} bytes of pixels`);
    return pixels;
  });
}
