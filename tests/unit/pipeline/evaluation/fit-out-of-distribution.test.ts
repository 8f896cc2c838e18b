import { expect, test } from 'vitest';
import type { Answer } from '../../../../pipeline/evaluation/answer.ts';
import { fitOutOfDistribution } from '../../../../pipeline/evaluation/outliers/index.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const random = createRandom('outliers');

/** An answer whose embedding and logits lie around a point. */
function answer(label: 'a' | 'b', { at, logit }: { at: number; logit: number }): Answer {
  const noise = () => random.normal();
  const id = String(random.next());
  const row = { id, digest: digestJson(id), label, split: 'train' as const, metadata: {} };
  const sign = label === 'a' ? 1 : -1;
  return {
    row,
    embedding: Float32Array.of(sign * 3 + noise(), at + noise()),
    output: Float32Array.of(sign * logit + noise() / 4, -sign * logit + noise() / 4),
  };
}

const some = (count: number, place: { at: number; logit: number }) =>
  Array.from({ length: count }, (_, index) => answer(index % 2 === 0 ? 'a' : 'b', place));

const known = {
  train: some(200, { at: 0, logit: 4 }),
  validation: some(100, { at: 0, logit: 4 }),
  test: some(100, { at: 0, logit: 4 }),
};
const none = { choose: [], judge: [] };
const classifier = { regression: false, onFeatures: false };

test('without outliers inputs are known by distance, on the features of a backbone by energy', () => {
  const rows = { ...known, outliers: none };
  expect(fitOutOfDistribution(rows, 0.95, classifier)).toMatchObject({
    method: 'distance',
    auroc: null,
  });
  expect(fitOutOfDistribution(rows, 0.95, { ...classifier, onFeatures: true })).toMatchObject({
    method: 'energy',
    distance: null,
  });
});

test.each([
  ['distance', { at: 12, logit: 4 }],
  ['energy', { at: 0, logit: 0 }],
] as const)('outliers choose %s where it tells them apart, whatever the model', (method, place) => {
  const outliers = { choose: some(40, place), judge: some(40, place) };
  for (const onFeatures of [true, false]) {
    const found = fitOutOfDistribution({ ...known, outliers }, 0.95, { ...classifier, onFeatures });
    expect(found).toMatchObject({ method });
    expect(found?.auroc).toBeGreaterThan(0.95);
  }
});

test('a regression has a distance only', () => {
  const found = fitOutOfDistribution({ ...known, outliers: none }, 0.95, {
    regression: true,
    onFeatures: true,
  });
  expect(found?.method).toBe('distance');
});
