import { heapOf, openKernels, placesOf } from './kernels.ts';

/**
 * Pixels with a fourth byte, as everything here takes them.
 *
 * @param pixels red, green and blue of each
 * @example widenPixels(Uint8Array.of(1, 2, 3)) // 1, 2, 3, 255
 */
export function widenPixels(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = pixels.length / 3;
  const kernels = openKernels();
  // The last four are read and written whole.
  const places = placesOf([pixels.length + 16, 4 * count + 16]);
  const [at = 0, to = 0, end = 0] = places;
  const heap = heapOf(kernels, end);
  heap.set(pixels, at);
  kernels.widen(at, to, count);
  return heap.slice(to, to + 4 * count);
}
