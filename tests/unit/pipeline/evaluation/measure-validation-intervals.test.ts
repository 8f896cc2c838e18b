import { expect, test } from 'vitest';
import { measureValidationIntervals } from '../../../../pipeline/evaluation/measure-validation-intervals.ts';
import type { Digest } from '../../../../platform/lib/hash.ts';
import type { Prediction } from '../../../../platform/schemas/index.ts';
import { classes, estimates, predictions } from '../../../fixtures/reports.ts';

const below = (limit: number) => (index: number) => index < limit;
const images = { task: 'image-classification', classes } as const;
const table = { task: 'tabular-regression', classes: [] } as const;
const held = (rows: readonly Prediction[]) =>
  rows.map((row) => ({ ...row, split: 'validation' as const }));
const rival = (rows: readonly Prediction[], trainedOn = new Set<Digest>()) => ({
  predictions: held(rows),
  trainedOn,
});

function intervalsOf(measured: ReturnType<typeof measureValidationIntervals>) {
  return Object.fromEntries(measured?.metrics.map((one) => [one.name, one.interval]) ?? []);
}

test('a first model has the interval of its own value', () => {
  const found = intervalsOf(
    measureValidationIntervals(held(predictions(300, below(15))), null, images),
  );
  expect(found.accuracy?.low).toBeCloseTo(0.9194, 3);
  expect(found.logLoss?.low).toBeGreaterThan(0);
  expect(found.recallAtPrecision80?.low).toBeGreaterThan(0.8);
});

test('beside a champion the interval is that of the difference', () => {
  const ours = held(predictions(300, below(12)));
  const found = intervalsOf(
    measureValidationIntervals(ours, rival(predictions(300, below(30))), images),
  );
  expect(found.accuracy?.low).toBeCloseTo(0.0379, 4);
  expect(found.logLoss?.high).toBeLessThan(0);
});

test('a champion that was trained on all of them is not measured, and the interval is the candidate’s own', () => {
  const rows = predictions(300, below(12));
  const learnt = new Set(rows.map(({ digest }) => digest));
  const measured = measureValidationIntervals(held(rows), rival(rows, learnt), images);
  expect(measured?.metrics[0]).toMatchObject({ name: 'accuracy', champion: null });
  expect(intervalsOf(measured).accuracy?.low).toBeGreaterThan(0.9);
});

test('fewer than 60 examples give an interval only to what is counted or ranked, and of differences only to that of the accuracy', () => {
  const named = (measured: ReturnType<typeof measureValidationIntervals>) =>
    Object.entries(intervalsOf(measured)).flatMap(([name, interval]) => (interval ? [name] : []));
  const ours = held(predictions(59, below(5)));
  expect(named(measureValidationIntervals(ours, null, images)).toSorted()).toEqual([
    ...['accuracy', 'auroc', 'averagePrecision', 'balancedAccuracy', 'macroF1'],
    ...['recallAtPrecision80', 'recallAtPrecision95'],
  ]);
  const other = rival(predictions(59, below(9)));
  expect(named(measureValidationIntervals(ours, other, images))).toEqual(['accuracy']);
  const errors = measureValidationIntervals(
    held(estimates(59, 1, 1)),
    rival(estimates(59, 2, 2)),
    table,
  );
  expect(named(errors)).toEqual([]);
});

test('regressions have intervals of their errors', () => {
  const found = intervalsOf(
    measureValidationIntervals(held(estimates(90, 1, 1)), rival(estimates(90, 3, 2)), table),
  );
  expect(found.mae?.high).toBeLessThan(0);
  expect(found.rmse?.high).toBeLessThan(0);
});

test('without validation examples there is nothing to choose by', () => {
  expect(measureValidationIntervals(predictions(30, below(1)), null, images)).toBeNull();
});
