import type { Raster } from './resample.ts';

/**
 * Turns and mirrors a picture by its EXIF orientation.
 *
 * @param orientation 1..8, as in EXIF: 1 is upright, 6 was taken with the camera turned to the left.
 */
export function turnUpright(source: Raster, orientation: number): Raster {
  if (orientation <= 1 || orientation > 8) return source;
  const { width, height } = source;
  const isTurned = orientation > 4;
  const size = isTurned ? { width: height, height: width } : { width, height };
  const from = wordsOf(source.pixels);
  const turned = new Uint32Array(from.length);
  let to = 0;
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const across = isTurned ? y : x;
      const down = isTurned ? x : y;
      const column = mirroredAcross.has(orientation) ? width - 1 - across : across;
      const row = mirroredDown.has(orientation) ? height - 1 - down : down;
      turned[to++] = from[row * width + column] ?? 0;
    }
  }
  return { pixels: new Uint8Array(turned.buffer), ...size };
}

/** Orientations whose columns run the other way, and those whose rows do. */
const mirroredAcross = new Set([2, 3, 7, 8]);
const mirroredDown = new Set([3, 4, 6, 7]);

/** One number a pixel. */
function wordsOf(pixels: Uint8Array): Uint32Array {
  const { buffer, byteOffset, byteLength } = byteOffsetIsAligned(pixels) ? pixels : pixels.slice();
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

function byteOffsetIsAligned({ byteOffset }: Uint8Array): boolean {
  return byteOffset % 4 === 0;
}
