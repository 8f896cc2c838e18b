import type { ImagePreprocessing } from '../schemas/index.ts';

/** Scale and offset of pixels: the network sees −1 for black and 1 for white. */
export const imageScale = { scale: 1 / 127.5, offset: -1 } as const;

/** The preprocessing of pictures of `size` × `size` pixels. */
export function imagePreprocessing(size: number): ImagePreprocessing {
  return { kind: 'image', size, ...imageScale };
}

/**
 * Writes pixels as the network sees them, uint8 × scale + offset, into `target` from `offset` on.
 *
 * @param pixels size × size × 3 bytes from {@link decodeImage}.
 */
export function scaleImage(
  pixels: Uint8Array,
  preprocessing: ImagePreprocessing,
  target: Float32Array,
  offset: number,
): void {
  const { scale, offset: shift } = preprocessing;
  for (let index = 0; index < pixels.length; index++) {
    target[offset + index] = (pixels[index] ?? 0) * scale + shift;
  }
}
