import { expect, test } from 'vitest';
import { findAttainable } from '../../../pipeline/attainable.ts';
import { createPreparedReader } from '../../../pipeline/embeddings/index.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type {
  AttainableClasses,
  AttainableNumbers,
  Prediction,
} from '../../../platform/schemas/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { numberColumns, type PreparedExample, storePrepared } from '../../helpers/prepared-data.ts';
import { createRepository } from '../../helpers/temporary-repository.ts';

const onnx = { digest: digestBytes('none'), bytes: 0, mediaType: '' };
const classes = ['high', 'low'];

/** Two heaps in a plane, a third of them held out. */
function heaps(apart: number, count = 600): PreparedExample[] {
  const random = createRandom('heaps');
  return Array.from({ length: count }, (_, at) => {
    const [id, high] = [`row ${at}`, random.int(2) === 0];
    const numbers = [random.normal() + (high ? apart : -apart), random.normal()];
    const split = at % 3 === 0 ? ('validation' as const) : ('train' as const);
    return { id, label: high ? 'high' : 'low', split, numbers };
  });
}

/** What a model makes of each held-out example. @param probability of the class `high`, by the first number */
function answered(
  examples: readonly PreparedExample[],
  probability: (first: number) => number,
): Prediction[] {
  return examples
    .filter(({ split }) => split === 'validation')
    .map(({ id, label, split, numbers: [first = 0] }) => {
      const high = probability(first);
      return {
        ...{ id, digest: digestBytes(id), dataset: 'd', split, label, score: 0, accepted: true },
        ...{ predicted: high > 0.5 ? 'high' : 'low', probabilities: [high, 1 - high] },
      };
    });
}

async function attainable(
  examples: readonly PreparedExample[],
  probability: (first: number) => number,
) {
  const { root } = await createRepository();
  const store = openStore(root);
  const prepared = await storePrepared(store, root, examples, numberColumns('a', 'b'));
  const model = { prepared, embedded: undefined, package: { onnx }, classes, training: {} };
  const predictions = answered(examples, probability);
  const found = await findAttainable(createPreparedReader(store), model, predictions);
  return found as AttainableClasses | null;
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

test('a model that knows less than the columns say is shown to lose more than a linear one', async () => {
  const found = await attainable(heaps(1.5), () => 0.5);
  expect(found).toMatchObject({ learnt: 400, of: 400, examples: 200 });
  const [linear] = found?.linear ?? [];
  expect(linear?.space).toBe('columns');
  expect(linear?.accuracy).toBeGreaterThan(0.88);
  expect(linear?.low).toBeGreaterThan(0.2);
  expect(found?.weakest).toMatchObject({ label: 'high', right: 0 });
});

test('the best model there is does not, and half of so many examples teach a line as well', async () => {
  const found = await attainable(heaps(1.5), (first) => logistic(3 * first));
  const [linear] = found?.linear ?? [];
  expect(linear?.low).toBeLessThan(0);
  expect(Math.abs(linear?.difference ?? 1)).toBeLessThan(0.05);
  expect(found?.half.low).toBeLessThan(0);
  expect(found?.weakest).toBeNull();
});

test('too few examples show nothing', async () => {
  expect(await attainable(heaps(1.5, 60), () => 0.5)).toBeNull();
});

/** Rows of a price: 3 · a − 2 · b + 10 with some noise, or e to the power of a tenth of that; a third of them held out. */
function prices(count: number, scale?: 'log'): PreparedExample[] {
  const random = createRandom('prices');
  return Array.from({ length: count }, (_, at) => {
    const numbers = [random.normal(), random.normal()];
    const [a = 0, b = 0] = numbers;
    const value = 10 + 3 * a - 2 * b + random.normal();
    const label = String(scale ? Math.exp(value / 10) : value);
    return { id: `row ${at}`, label, numbers, split: at % 3 === 0 ? 'validation' : 'train' };
  });
}

/** @param answer of the model, by the row's numbers */
async function attainableNumbers(
  examples: readonly PreparedExample[],
  answer: (a: number, b: number) => number,
  labelScale?: 'log',
) {
  const { root } = await createRepository();
  const store = openStore(root);
  const prepared = await storePrepared(store, root, examples, numberColumns('a', 'b'));
  const training = labelScale ? { labelScale } : {};
  const model = { prepared, embedded: undefined, package: { onnx }, classes: [], training };
  const predictions = examples
    .filter(({ split }) => split === 'validation')
    .map(({ id, label, split, numbers: [a = 0, b = 0] }): Prediction => {
      const value = answer(a, b);
      return {
        ...{ id, digest: digestBytes(id), dataset: 'd', split, label, score: 0, accepted: true },
        ...{ predicted: String(value), probabilities: [value] },
      };
    });
  const found = await findAttainable(createPreparedReader(store), model, predictions);
  return found as AttainableNumbers | null;
}

/** The mean of |x| of a standard normal: the least error that there is. */
const least = Math.sqrt(2 / Math.PI);

test('a regression that knows less than its columns say is shown to be further off than a line', async () => {
  const found = await attainableNumbers(prices(600), (a) => 10 + 3 * a);
  expect(found).toMatchObject({ learnt: 400, of: 400, examples: 200 });
  const [linear] = found?.linear ?? [];
  expect(linear?.space).toBe('columns');
  expect(linear?.mae).toBeGreaterThan(0.85 * least);
  expect(linear?.mae).toBeLessThan(1.15 * least);
  expect(linear?.low).toBeGreaterThan(0.5);
  // It is far better than always the same all the same.
  expect(found?.median.high).toBeLessThan(-0.5);
  expect(found?.half.low).toBeLessThan(0);
});

test('a line that is drawn from few rows or from many is not far from the best', async () => {
  for (const count of [90, 6000]) {
    const found = await attainableNumbers(prices(count), (a, b) => 10 + 3 * a - 2 * b);
    const [linear] = found?.linear ?? [];
    expect(linear?.low, String(count)).toBeLessThan(0.01);
    expect(Math.abs(linear?.difference ?? 1), String(count)).toBeLessThan(
      count > 100 ? 0.01 : 0.25,
    );
  }
});

test('what learns the logarithm of a label is compared with a line through logarithms, in its unit', async () => {
  const best = (a: number, b: number) => Math.exp((10 + 3 * a - 2 * b) / 10);
  const rows = prices(1500, 'log');
  const [through] = (await attainableNumbers(rows, best, 'log'))?.linear ?? [];
  const [straight] = (await attainableNumbers(rows, best))?.linear ?? [];
  expect(Math.abs(through?.difference ?? 1)).toBeLessThan(0.01);
  expect(straight?.mae).toBeGreaterThan((through?.mae ?? 0) * 1.05);
});

test('a regression that is worse than always the median is shown to be, and a constant label is no fault', async () => {
  const worse = await attainableNumbers(prices(600), (a) => 10 - 3 * a);
  expect(worse?.median.low).toBeGreaterThan(0);
  const equal = prices(300).map((one) => ({ ...one, label: '7' }));
  const constant = await attainableNumbers(equal, () => 7);
  expect(constant).toMatchObject({ model: { mae: 0 }, median: { mae: 0 }, linear: [{ mae: 0 }] });
  expect(await attainableNumbers(prices(60), () => 1)).toBeNull();
});
