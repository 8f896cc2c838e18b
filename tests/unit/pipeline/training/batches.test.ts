import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../../../pipeline/backends/index.ts';
import type { PreparedData } from '../../../../pipeline/prepare/index.ts';
import { type Batches, createBatches } from '../../../../pipeline/training/batches.ts';
import { imagePreprocessing, scaleImage } from '../../../../platform/transforms/index.ts';

const size = 4;
const count = 12;
const rowLength = size * size * 3;
const augmentation = { flip: true, shift: 0.3, brightness: 0.3, rotate: 40, mixup: 0.4 };
const row = fc.integer({ min: 0, max: count - 1 });
const requests = fc.array(
  fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    epoch: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

beforeAll(() => startBackend({ name: 'wasm' }));

test('a row is varied in the same way whatever was asked for before', () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const batches = createBatches(pictures(), { augmentation, seed: 3 });
      for (const { rows, epoch } of asked) {
        const alone = createBatches(pictures(), { augmentation, seed: 3 });
        expect(varied(batches, rows, epoch)).toEqual(varied(alone, rows, epoch));
      }
    }),
  );
});

test('a batch is not changed by those that follow', () => {
  const batches = createBatches(pictures(), { augmentation, seed: 3 });
  const first = batches.varied([1, 2, 3], 1);
  const before = first.dataSync().slice();
  batches.varied([3, 2, 4], 1).dispose();
  expect(first.dataSync()).toEqual(before);
  first.dispose();
});

function varied(batches: Batches, rows: readonly number[], epoch: number): Float32Array {
  const tensor = batches.varied(rows, epoch);
  const values = Float32Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}

function pictures(): PreparedData {
  const preprocessing = imagePreprocessing(size);
  const pixels = Uint8Array.from({ length: count * rowLength }, (_, at) => (at * 37) % 251);
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
