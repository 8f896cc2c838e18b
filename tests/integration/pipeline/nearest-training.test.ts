import { expect, test } from 'vitest';
import { createPreparedReader } from '../../../pipeline/embeddings/index.ts';
import { findNearTraining } from '../../../pipeline/nearest-training.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type { ErrorExample } from '../../../platform/schemas/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { numberColumns, type PreparedExample, storePrepared } from '../../helpers/prepared-data.ts';
import { createRepository } from '../../helpers/temporary-repository.ts';

const onnx = { digest: digestBytes('none'), bytes: 0, mediaType: '' };

const errorOf = (id: string): ErrorExample => ({
  ...{ id, digest: digestBytes(id), label: 'low', predicted: 'high', size: 0.9 },
});

/** Two heaps that lie apart, one far example, and one that lies in the other heap. */
function heaps(): PreparedExample[] {
  const random = createRandom('heaps');
  const some = (label: string, middle: number, split: 'train' | 'test', count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ id: `${label} ${split} ${at}`, label, split },
      numbers: [middle + random.normal(), random.normal()],
    }));
  return [
    ...some('low', -5, 'train', 40),
    ...some('high', 5, 'train', 40),
    ...some('low', -5, 'test', 20),
    ...some('high', 5, 'test', 20),
    { id: 'mislabelled', label: 'low', split: 'test', numbers: [5, 0] },
    { id: 'alone', label: 'low', split: 'test', numbers: [0, 40] },
  ];
}

async function near(examples: readonly PreparedExample[], errors: readonly ErrorExample[]) {
  const { root } = await createRepository();
  const store = openStore(root);
  const prepared = await storePrepared(store, root, examples, numberColumns('a', 'b'));
  return findNearTraining(
    createPreparedReader(store),
    { prepared, package: { onnx } },
    errors,
    false,
  );
}

test('errors get their nearest training examples, and one that lies far from all is said to', async () => {
  const found = await near(heaps(), [errorOf('mislabelled'), errorOf('alone'), errorOf('gone')]);
  expect(found?.nearness).toMatchObject({ space: 'columns', training: 80, of: 80, informs: true });
  const [wrong, alone, gone] = found?.errors ?? [];
  expect(wrong?.near?.map(({ label }) => label)).toEqual(['high', 'high', 'high', 'high']);
  expect(wrong?.near?.[0]?.distance).toBeLessThan(wrong?.near?.[3]?.distance ?? 0);
  expect([wrong?.alone, alone?.alone]).toEqual([false, true]);
  expect(gone).toEqual(errorOf('gone'));
});

test('where near examples have any class, none are shown', async () => {
  const random = createRandom('mixed');
  const mixed = heaps().map((one) => ({ ...one, label: random.pick(['low', 'high']) }));
  const found = await near(mixed, [errorOf('mislabelled')]);
  expect(found?.nearness.informs).toBe(false);
  expect(found?.errors[0]?.near).toBeUndefined();
});

test('without errors, or with too few examples to try nearness on, there is nothing to show', async () => {
  expect(await near(heaps(), [])).toBeNull();
  expect(await near(heaps().slice(0, 85), [errorOf('low test 0')])).toBeNull();
});
