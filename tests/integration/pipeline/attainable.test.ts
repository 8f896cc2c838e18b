import { expect, test } from 'vitest';
import { findAttainable } from '../../../pipeline/attainable.ts';
import { createPreparedReader } from '../../../pipeline/embeddings/index.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type { Prediction } from '../../../platform/schemas/index.ts';
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
  const model = { prepared, embedded: undefined, package: { onnx }, classes };
  return findAttainable(createPreparedReader(store), model, answered(examples, probability));
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
