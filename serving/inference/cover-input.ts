import type { Covered } from './messages.ts';

/** Copies of a photo's input, one for each cover, each with its part covered. @returns [covers, size, size, 3], row-major */
export function coverInput({ input, size, covers }: Covered): Float32Array<ArrayBuffer> {
  const batch = new Float32Array(covers.length * input.length);
  covers.forEach(({ top, left, height, width, colour }, index) => {
    const offset = index * input.length;
    batch.set(input, offset);
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) batch.set(colour, offset + 3 * (y * size + x));
    }
  });
  return batch;
}
