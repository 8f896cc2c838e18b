import { expect, test } from 'vitest';
import { fisherTail, rankSumTail } from '../../../../pipeline/evaluation/analysis/more-misses.ts';
import { analyseErrors } from '../../../../pipeline/evaluation/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import type { Prediction } from '../../../../platform/schemas/index.ts';
import { classes, estimates, predictions } from '../../../fixtures/reports.ts';

const inputs = {
  ...{ task: 'image-classification' as const, dataset: 'pumpkins', classes },
  ...{ rows: [], without: [], sensitive: [] },
};

test('confidence is held against what is right, in ranges that hold every answer once', () => {
  const answers = predictions(200, (index) => index % 4 === 0).map((one, index) => {
    const sure = index % 2 === 0 ? 0.95 : 0.55;
    const rest = (1 - sure) / 2;
    return { ...one, probabilities: one.probabilities.map((p) => (p > 0.5 ? sure : rest)) };
  });
  const { reliability } = analyseErrors({ ...inputs, predictions: answers });
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
  const [bin] = analyseErrors({ ...inputs, predictions: sure }).reliability;
  expect(bin).toMatchObject({ from: 0.9, to: 1, confidence: 1 });
});

test('the surest errors come first, and only those of the test split of the own data count', () => {
  const wrong = predictions(60, (index) => index < 30);
  const others = wrong.map((one) => ({ ...one, split: 'validation' as const }));
  const foreign = wrong.map((one) => ({ ...one, dataset: 'melons' }));
  const found = analyseErrors({ ...inputs, predictions: [...others, ...wrong, ...foreign] });
  expect(found.errors).toBe(30);
  expect(found.worst).toHaveLength(24);
  const sizes = found.worst.map(({ size }) => size);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(found.worst[0]).toMatchObject({ size: 0.89, label: 'bad', predicted: 'good' });
});

test('of a regression the answers furthest off come first', () => {
  const answers = estimates(50, 3, 1);
  const found = analyseErrors({
    ...inputs,
    task: 'tabular-regression',
    classes: [],
    predictions: answers,
  });
  const misses = answers.map(({ label, probabilities: [value = 0] }) =>
    Math.abs(Number(label) - value),
  );
  expect(found.worst[0]?.size).toBe(Math.max(...misses));
  expect(found.reliability).toEqual([]);
});

test('a test split without rows has no errors', () => {
  expect(analyseErrors({ ...inputs, predictions: [] })).toMatchObject({
    ...{ reliability: [], errors: 0, worst: [] },
  });
});

/** Columns of examples, by a function of their number. */
const rowsOf = (all: readonly Prediction[], columns: (index: number) => Record<string, string>) =>
  all.map(({ id }, index) => ({ id, metadata: columns(index) }));

test('a weak spot of two columns together is found, named, and not repeated', () => {
  // 12 groups of 50; only dark photos of the north field are often wrong.
  const columns = (index: number) => ({
    light: ['dark', 'dim', 'bright'][index % 3] ?? '',
    field: ['north', 'south', 'east', 'west'][Math.floor(index / 3) % 4] ?? '',
    name: `photo ${index}`,
  });
  const weak = (index: number) =>
    columns(index).light === 'dark' && columns(index).field === 'north';
  const all = predictions(600, (index) => weak(index) && index % 24 < 12);
  const { weakSpots } = analyseErrors({ ...inputs, predictions: all, rows: rowsOf(all, columns) });
  expect(weakSpots.tested).toBe(7 + 12);
  const [worst] = weakSpots.found;
  expect(worst).toMatchObject({
    where: [
      { column: 'field', value: 'north' },
      { column: 'light', value: 'dark' },
    ],
    ...{ count: 50, elsewhere: 0 },
  });
  expect(worst?.here).toBeCloseTo(0.5, 1);
  expect(worst?.pValue).toBeLessThan(1e-10);
  const others = weakSpots.found.filter(({ where }) => where.length === 2);
  expect(others).toHaveLength(1);
});

test('a column whose cells only some rows keep is left out, not counted as missing', () => {
  const all = predictions(600, (index) => index >= 300);
  const field = (index: number) => (index % 2 === 0 ? 'north' : 'south');
  const tested = (columns: (index: number) => Record<string, string>) =>
    analyseErrors({ ...inputs, predictions: all, rows: rowsOf(all, columns) }).weakSpots;
  const kept = (index: number): Record<string, string> => (index < 300 ? { mass: `${index}` } : {});
  expect(tested((index) => ({ field: field(index), ...kept(index) }))).toEqual(
    tested((index) => ({ field: field(index) })),
  );
  const gaps = tested((index) => ({ field: field(index), mass: index < 300 ? `${index}` : '' }));
  expect(gaps.found[0]?.where).toEqual([{ column: 'mass', value: 'missing' }]);
  // A photo that metadata.csv does not list has no columns at all.
  expect(tested(kept).found[0]?.where).toEqual([{ column: 'mass', value: 'missing' }]);
});

test('numbers are divided at their quartiles, and errors of a regression are compared by rank', () => {
  const all = estimates(400, 1, 3).map((one, index) => {
    const off = index % 4 === 3 ? 6 : 1;
    return { ...one, probabilities: [Number(one.label) + off * (1 + (index % 7) / 10)] };
  });
  const rows = rowsOf(all, (index) => ({ mass: String((index % 4) * 1000 + index) }));
  const { weakSpots } = analyseErrors({
    ...{ ...inputs, task: 'tabular-regression', classes: [], predictions: all, rows },
  });
  expect(weakSpots.found.length).toBeGreaterThan(0);
  expect(weakSpots.found[0]?.where[0]).toMatchObject({ column: 'mass' });
  expect(weakSpots.found[0]?.where[0]?.value).toMatch(/^> /);
});

test('without any weak spot one is found in at most one of twenty searches', () => {
  const random = createRandom('no weak spot');
  const searches = Array.from({ length: 200 }, () => {
    const wrong = new Set(
      Array.from({ length: 240 }, (_, index) => index).filter(() => random.next() < 0.15),
    );
    const all = predictions(240, (index) => wrong.has(index));
    const rows = rowsOf(all, () => ({
      a: String(random.int(3)),
      b: String(random.int(4)),
      c: String(random.int(2)),
    }));
    return analyseErrors({ ...inputs, predictions: all, rows }).weakSpots.found.length > 0;
  });
  expect(searches.filter(Boolean).length).toBeLessThanOrEqual(200 * 0.05 + 8);
});

test('the exact test and the rank test agree with sums of binomial coefficients and the normal distribution', () => {
  // Python: sum(comb(wrong, k) * comb(all - wrong, drawn - k) for k in range(hits, …)) / comb(all, drawn)
  expect(fisherTail({ hits: 8, drawn: 10, wrong: 9, all: 16 })).toBeCloseTo(
    0.024475524475524476,
    12,
  );
  expect(fisherTail({ hits: 5, drawn: 40, wrong: 50, all: 1000 })).toBeCloseTo(
    0.04446989715343539,
    10,
  );
  expect(fisherTail({ hits: 0, drawn: 10, wrong: 9, all: 16 })).toBe(1);
  // Python: erfc((155 - 105) / sqrt(175) / sqrt(2)) / 2
  expect(rankSumTail(155, 10, 20)).toBeCloseTo(7.85261e-5, 9);
});

test('a swapped label is suspected with the class that it had, and sound labels are not', () => {
  const all = predictions(300, () => false).map((one, index) => {
    const swapped = index % 50 === 7;
    return swapped ? { ...one, label: classes[(index + 1) % 3] ?? '' } : one;
  });
  const { labels } = analyseErrors({ ...inputs, predictions: all });
  expect(labels).toMatchObject({ examined: 300, suspects: 6 });
  expect(labels.shown[0]).toMatchObject({ label: 'good', suggestion: 'bad' });
});

test('a class of which the model is never very sure has a lower bar', () => {
  const all = predictions(300, () => false).map((one, index) => {
    if (one.label !== 'ok') return one;
    // Called good with 0.5 where "ok" examples usually get 0.45: that is much for "ok", and little for "good".
    const probabilities = index < 30 ? [0.49, 0.51, 0] : [0.35, 0.45, 0.2];
    return { ...one, probabilities };
  });
  expect(analyseErrors({ ...inputs, predictions: all }).labels.suspects).toBe(0);
});

test('the pairs that are mixed up most come first, in one direction each', () => {
  const all = predictions(90, (index) => index < 20);
  const { pairs } = analyseErrors({ ...inputs, predictions: all });
  expect(pairs).toEqual([
    { label: 'good', predicted: 'ok', count: 7, of: 30 },
    { label: 'ok', predicted: 'bad', count: 7, of: 30 },
    { label: 'bad', predicted: 'good', count: 6, of: 30 },
  ]);
});

test('groups that are treated alike differ by no more than chance, others by more', () => {
  const field = (index: number) => ({ field: index % 2 === 0 ? 'east' : 'west' });
  const fair = predictions(400, (index) => index % 10 < 2);
  const unfair = predictions(400, (index) => index % 10 === 0 || index % 10 === 4);
  const figures = (all: readonly Prediction[]) => {
    const [found] = analyseErrors({
      ...{ ...inputs, predictions: all, rows: rowsOf(all, field), sensitive: ['field'] },
    }).fairness;
    return new Map(found?.disparities.map((one) => [one.name, one]));
  };
  const alike = figures(fair).get('accuracy difference');
  expect(alike?.value).toBe(0);
  const apart = figures(unfair).get('accuracy difference');
  expect(apart?.value).toBeCloseTo(0.4, 10);
  expect(apart?.chance).toBeLessThan(0.12);
  const opportunity = figures(unfair).get('equal opportunity difference');
  expect(opportunity?.value).toBeGreaterThan(opportunity?.chance ?? 1);
});

test('a group of a few is named and not compared', () => {
  const all = predictions(60, () => false);
  const rows = rowsOf(all, (index) => ({ field: index < 5 ? 'hill' : 'valley' }));
  const [found] = analyseErrors({
    ...inputs,
    predictions: all,
    rows,
    sensitive: ['field'],
  }).fairness;
  expect(found).toEqual({
    ...{
      attribute: 'field',
      groups: [{ value: 'valley', count: 55 }],
      small: ['hill'],
      disparities: [],
    },
  });
});
