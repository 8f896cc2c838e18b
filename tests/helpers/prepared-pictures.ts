import type { PreparedData } from '../../pipeline/prepare/index.ts';
import { imagePreprocessing, scaleImage } from '../../platform/transforms/index.ts';

/** Prepared pictures of a pattern: `count` to train on and one to validate on. */
export function preparedPictures(count: number, size: number): PreparedData {
  const rowLength = size * size * 3;
  const preprocessing = imagePreprocessing(size);
  const pixels = Uint8Array.from({ length: (count + 1) * rowLength }, (_, at) => (at * 37) % 251);
  const row = (number: number) => pixels.subarray(number * rowLength, (number + 1) * rowLength);
  return {
    index: {
      ...{ version: 1, dtype: 'uint8', shape: [size, size, 3], classes: ['a'], preprocessing },
      shards: [],
      rows: Array.from({ length: count + 1 }, (_, number) => ({
        ...{ id: `row-${number}`, digest: `sha256:${'0'.repeat(64)}`, label: 'a', metadata: {} },
        split: number < count ? 'train' : 'validation',
      })),
    },
    rowLength,
    row,
    fill(target, numbers) {
      for (const [position, number] of numbers.entries()) {
        scaleImage(row(number), preprocessing, target, position * rowLength);
      }
    },
  };
}
