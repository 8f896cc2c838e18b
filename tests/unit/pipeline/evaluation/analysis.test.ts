import { expect, test } from 'vitest';
import { analyseErrors } from '../../../../pipeline/evaluation/index.ts';
import { estimates, predictions } from '../../../fixtures/reports.ts';

const task = 'image-classification';
const dataset = 'pumpkins';

test('confidence is held against what is right, in ranges that hold every answer once', () => {
  const answers = predictions(200, (index) => index % 4 === 0).map((one, index) => {
    const sure = index % 2 === 0 ? 0.95 : 0.55;
    const rest = (1 - sure) / 2;
    return { ...one, probabilities: one.probabilities.map((p) => (p > 0.5 ? sure : rest)) };
  });
  const { reliability } = analyseErrors({ task, dataset, predictions: answers });
  expect(reliability).toMatchObject([
    { from: 0.5, to: 0.6, right: { value: 1, count: 100 } },
    { from: 0.9, to: 1, right: { value: 0.5, count: 100 } },
  ]);
  expect(reliability.map(({ confidence }) => confidence.toFixed(6))).toEqual([
    '0.550000',
    '0.950000',
  ]);
});

test('a probability of exactly 1 belongs to the last range', () => {
  const sure = predictions(3, () => false).map((one) => ({ ...one, probabilities: [1, 0, 0] }));
  const [bin] = analyseErrors({ task, dataset, predictions: sure }).reliability;
  expect(bin).toMatchObject({ from: 0.9, to: 1, confidence: 1 });
});

test('the surest errors come first, and only those of the test split of the own data count', () => {
  const wrong = predictions(60, (index) => index < 30);
  const others = wrong.map((one) => ({ ...one, split: 'validation' as const }));
  const foreign = wrong.map((one) => ({ ...one, dataset: 'melons' }));
  const found = analyseErrors({ task, dataset, predictions: [...others, ...wrong, ...foreign] });
  expect(found.errors).toBe(30);
  expect(found.worst).toHaveLength(24);
  const sizes = found.worst.map(({ size }) => size);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(found.worst[0]).toMatchObject({ size: 0.89, label: 'bad', predicted: 'good' });
});

test('of a regression the answers furthest off come first', () => {
  const answers = estimates(50, 3, 1);
  const found = analyseErrors({ task: 'tabular-regression', dataset, predictions: answers });
  const misses = answers.map(({ label, probabilities: [value = 0] }) =>
    Math.abs(Number(label) - value),
  );
  expect(found.worst[0]?.size).toBe(Math.max(...misses));
  expect(found.reliability).toEqual([]);
});

test('a test split without rows has no errors', () => {
  expect(analyseErrors({ task, dataset, predictions: [] })).toMatchObject({
    ...{ reliability: [], errors: 0, worst: [] },
  });
});
