import { expect, test } from 'vitest';
import { compareSlices } from '../../../../pipeline/evaluation/compare-slices.ts';
import { comparePredictions } from '../../../../pipeline/evaluation/index.ts';
import { pairPredictions } from '../../../../pipeline/evaluation/pair-predictions.ts';
import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import { gateKinds, testSlices } from '../../../../platform/quality/index.ts';
import type { SliceComparison } from '../../../../platform/schemas/index.ts';
import { classes, estimates, predictions, recordOf } from '../../../fixtures/reports.ts';

const none = () => false;
const gate = gateKinds.find(({ name }) => name === 'slice not worse');

/** Every other example is from the north, the rest without a farm. */
function farmsOf(rows: readonly { readonly id: string }[]) {
  const metadata = new Map(
    rows.map(({ id }, index) => [id, { farm: index % 2 ? '' : 'north' }] as const),
  );
  return { columns: ['farm'], metadata };
}

test('each slice is compared on its own shared examples', () => {
  const ours = predictions(120, (index) => index % 2 === 0 && index < 40);
  const options = { slices: farmsOf(ours) };
  const { slices } = comparePredictions(ours, predictions(120, none), classes, options);
  expect(slices).toMatchObject([
    { slice: 'farm', value: 'missing', examples: 60, difference: 0, candidate: 1 },
    { slice: 'farm', value: 'north', examples: 60, metric: 'accuracy', champion: 1 },
  ]);
  const [missing, north] = slices ?? [];
  expect(north?.difference).toBeCloseTo(-20 / 60, 12);
  expect(north?.high).toBeLessThan(0);
  expect(missing?.low).toBeLessThan(0);
  expect(missing?.high).toBeGreaterThan(0);
});

test('slices of a regression are compared by their errors', () => {
  const [ours, theirs] = [estimates(200, 3, 1), estimates(200, 1, 2)];
  const { slices } = comparePredictions(ours, theirs, [], { slices: farmsOf(ours) });
  for (const { metric, examples, candidate, champion, difference, low } of slices ?? []) {
    expect({ metric, examples }).toEqual({ metric: 'mae', examples: 100 });
    expect(candidate - champion).toBeCloseTo(difference, 12);
    expect(low).toBeGreaterThan(0);
  }
});

test('without columns there are no slices', () => {
  const rows = predictions(30, none);
  expect(comparePredictions(rows, rows, classes)).not.toHaveProperty('slices');
});

/** Accuracies of slices whose candidate answers a tenth otherwise, worse by a loss in truth. */
function drawSlices(count: number, examples: number, loss: number, seed: number) {
  const random = createRandom(seed);
  const draws = Array.from({ length: count * examples }, () => random.next());
  const wrong = (from: number, to: number) => (index: number) => {
    const draw = draws[index] ?? 0;
    return from <= draw && draw < to;
  };
  const ours = predictions(draws.length, wrong(0, 0.05 + loss / 2));
  const theirs = predictions(draws.length, wrong(0.05 + loss / 2, 0.1));
  const metadata = new Map(
    ours.map(({ id }, index) => [id, { farm: String(index % count) }] as const),
  );
  const { pairs } = pairPredictions(ours, theirs, classes);
  return compareSlices(pairs, { columns: ['farm'], metadata }, classes);
}

function judge(slices: SliceComparison[], notWorseBy: number, metric = 'accuracy') {
  const record = recordOf('111111111111', 0.9, 0.001);
  const comparison = { ...comparePredictions([], [], classes), slices };
  return gate?.judge(
    { slices: metric, notWorseBy },
    {
      candidate: record.evaluation,
      champion: record.evaluation,
      incomparable: null,
      comparison,
      package: record.package,
      slices: [{ column: 'farm', minimumCount: 20 }],
    },
  );
}

const isPassed = (slices: SliceComparison[], notWorseBy: number) =>
  judge(slices, notWorseBy)?.passed;

test.each([
  ['as good as before', 0],
  ['worse by just the margin', 0.05],
])('of many slices, each %s, one fails in at most 5 % of comparisons', (_, loss) => {
  const rounds = 150;
  const failed = Array.from({ length: rounds }, (_round, seed) =>
    isPassed(drawSlices(5, 40, loss, seed), 0.05),
  ).filter((passed) => passed === false);
  expect(failed.length / rounds).toBeLessThanOrEqual(0.05);
});

test('a slice that lost much fails', () => {
  const [worst, ...others] = drawSlices(5, 100, 0, 1);
  if (!worst) throw new Error('no slices');
  const lost = { ...worst, difference: -0.3, low: -0.4, high: -0.2, error: 0.05 };
  expect(isPassed([worst, ...others], 0.05)).toBe(true);
  expect(isPassed([lost, ...others], 0.05)).toBe(false);
  expect(isPassed([{ ...lost, examples: 19 }, ...others], 0.05)).toBe(true);
});

/** A slice of two regressions that are equally good, of which the errors differ as drawn. */
function drawErrors(random: Random, draw: (random: Random) => number, examples: number) {
  const differences = Array.from({ length: examples }, () => draw(random));
  const model = (errorOf: (difference: number) => number) =>
    estimates(examples, 0, 0).map((prediction, index) => {
      const value = Number(prediction.label) + errorOf(differences[index] ?? 0);
      return { ...prediction, predicted: String(value), probabilities: [value] };
    });
  // 50 is more than any difference takes away from an error.
  const [ours, theirs] = [model((difference) => 50 + difference), model(() => 50)];
  const metadata = new Map(ours.map(({ id }) => [id, { farm: 'north' }] as const));
  const { pairs } = pairPredictions(ours, theirs, []);
  return compareSlices(pairs, { columns: ['farm'], metadata }, []);
}

test('a slice whose few large errors decide is found worse or better no more often than chance may', () => {
  const random = createRandom('skewed slices');
  const skewed = (one: Random) => Math.exp(0.7 * one.normal()) - Math.exp(0.245);
  const columns = [{ column: 'farm', minimumCount: 20 }];
  let [found, beyond] = [0, 0];
  for (let round = 0; round < 600; round++) {
    const [slice] = testSlices(drawErrors(random, skewed, 100), columns);
    const outside = slice !== undefined && (slice.low > 0 || slice.high < 0);
    // The interval leaves out 0 exactly where the test says so.
    expect((slice?.pValue ?? 1) < 0.05).toBe(outside);
    if (outside) found++;
    if (slice && Math.abs(slice.difference) > 2 * slice.error) beyond++;
  }
  expect(found / 600).toBeLessThan(0.065);
  // By Student's t it were more.
  expect(found).toBeLessThan(beyond);
});

test('a slice that a champion answers without any error hides no other that got worse', () => {
  const slice = { slice: 'farm', metric: 'mae', examples: 100, low: 0.3, high: 0.7 };
  const lost = { ...slice, candidate: 1.5, champion: 1, difference: 0.5, error: 0.1 };
  const flawless = { ...lost, value: 'new', candidate: 0.5, champion: 0 };
  const verdict = judge([flawless, { ...lost, value: 'north' }], 0.1, 'mae');
  expect(verdict).toMatchObject({ passed: false });
  expect(verdict?.message).toContain('and 1 more');
});
