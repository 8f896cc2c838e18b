import { expect, test } from 'vitest';
import { createPreparedReader } from '../../../pipeline/embeddings/index.ts';
import { findTrainingSuspects } from '../../../pipeline/training-labels.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { numberColumns, type PreparedExample, storePrepared } from '../../helpers/prepared-data.ts';
import { createRepository } from '../../helpers/temporary-repository.ts';

const onnx = { digest: digestBytes('none'), bytes: 0, mediaType: '' };
const classes = ['high', 'low'];
const wrong = new Set(['train 7', 'train 20', 'train 101']);

const namesOf = ([first]: readonly PreparedExample[]) =>
  first?.numbers.map((_, at) => `c${at}`) ?? [];

/** Two heaps of training examples, three of them with the label of the other heap. */
function heaps(apart: number): PreparedExample[] {
  const random = createRandom('heaps');
  return Array.from({ length: 300 }, (_, at) => {
    const [id, high] = [`train ${at}`, at % 2 === 0];
    const label = high !== wrong.has(id) ? 'high' : 'low';
    const numbers = [random.normal() + (high ? apart : -apart), random.normal()];
    return { id, label, split: 'train' as const, numbers };
  });
}

async function suspects(examples: readonly PreparedExample[], group?: string) {
  const { root } = await createRepository();
  const store = openStore(root);
  const prepared = await storePrepared(store, root, examples, numberColumns(...namesOf(examples)));
  const source = { prepared, package: { onnx } };
  return findTrainingSuspects(createPreparedReader(store), source, { classes, group });
}

test('wrong labels of the training split are suspected, though the model may have learnt them', async () => {
  const found = await suspects(heaps(4));
  const ids = found?.shown.map(({ id }) => id) ?? [];
  expect([...wrong]).toEqual(expect.arrayContaining(ids));
  expect(ids.length).toBeGreaterThan(1);
  expect(found).toMatchObject({ space: 'columns', examined: 300, of: 300, finds: true });
  expect(found?.trial).toMatchObject({ swapped: 15, of: 300 });
  expect(found?.trial.found).toBeGreaterThan(13);
});

test('where labels swapped on purpose are not found, none are named', async () => {
  const found = await suspects(heaps(0.05));
  expect(found).toMatchObject({ finds: false, suspects: 0, shown: [] });
});

test('held-out examples and very few training examples are not examined', async () => {
  expect(await suspects(heaps(4).slice(0, 49))).toBeNull();
  const held = heaps(4).map((one) => ({ ...one, split: 'test' as const }));
  expect(await suspects(held)).toBeNull();
});

test('a row is not asked about what was learnt from another row of its thing', async () => {
  // The numbers say which thing it is and nothing of the label, which is that of the thing.
  const random = createRandom('things');
  const things = Array.from({ length: 60 }, (_, at) => ({
    ...{ thing: `thing ${at}`, label: random.int(2) === 0 ? 'high' : 'low' },
    numbers: Array.from({ length: 40 }, () => 3 * random.normal()),
  }));
  const rows = things.flatMap(({ thing, label, numbers }) =>
    Array.from({ length: 5 }, (_, at) => ({
      ...{ id: `${thing}, ${at}`, label, split: 'train' as const, metadata: { thing } },
      numbers: numbers.map((value) => value + 0.01 * random.normal()),
    })),
  );
  const [together, apart] = [await suspects(rows, 'thing'), await suspects(rows)];
  expect(apart?.accuracy).toBeGreaterThan(0.8);
  expect(together?.accuracy).toBeLessThan(0.7);
});
