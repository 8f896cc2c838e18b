import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../../../pipeline/backends/index.ts';
import { type Batches, createBatches } from '../../../../pipeline/training/batches.ts';
import { preparedPictures } from '../../../helpers/prepared-pictures.ts';

const size = 4;
const count = 12;
const pictures = () => preparedPictures(count, size);
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

test('batches are the same bits whatever was expected to come, and was varied ahead', async () => {
  const parameters = { augmentation, seed: 3 };
  const prefetching = createBatches(pictures(), parameters, { prefetchedRows: 6 });
  const batch = fc.record({ rows: fc.array(row, { maxLength: 6 }), epoch: fc.nat(3) });
  const asked = fc.array(fc.record({ batch, isExpected: fc.boolean(), pause: fc.nat(2) }));
  await fc.assert(
    fc.asyncProperty(asked, async (steps) => {
      for (const [at, { batch, isExpected, pause }] of steps.entries()) {
        const next = steps[at + 1]?.batch;
        if (next && isExpected) prefetching.expect(next.rows, next.epoch);
        const alone = createBatches(pictures(), parameters);
        const { rows, epoch } = batch;
        expect(varied(prefetching, rows, epoch)).toEqual(varied(alone, rows, epoch));
        if (pause > 0) await setTimeout(pause);
      }
    }),
  );
});

function varied(batches: Batches, rows: readonly number[], epoch: number): Float32Array {
  const tensor = batches.varied(rows, epoch);
  const values = Float32Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}
