import { describe, expect, test } from 'vitest';
import { findMetric, type TestExample } from '../../../../../platform/quality/index.ts';

const classes = ['good', 'bad'];

/** The metric of some examples, each given as truth, answer, and the probability of `good`. */
function measure(name: string, ...examples: readonly (readonly [string, string, number])[]) {
  return findMetric(name)?.measure({
    examples: examples.map(([label, predicted, good]): TestExample => {
      return { label, predicted, probabilities: [good, 1 - good] };
    }),
    classes,
    outOfDistribution: null,
  });
}

/** The metric of estimates, each given as truth and value. */
function measureValues(name: string, ...pairs: readonly (readonly [number, number])[]) {
  return findMetric(name)?.measure({
    examples: pairs.map(([truth, value]) => ({
      label: String(truth),
      predicted: String(value),
      probabilities: [value],
    })),
    classes: [],
    outOfDistribution: null,
  });
}

describe('of two right answers and one wrong one', () => {
  const answers = [
    ['good', 'good', 0.8],
    ['good', 'good', 0.6],
    ['bad', 'good', 0.7],
  ] as const;

  test.each([
    ['accuracy', 2 / 3],
    // F1 of good: 2 · 2 / (3 + 2); of bad: 0.
    ['macroF1', 0.4],
    ['logLoss', -(Math.log(0.8) + Math.log(0.6) + Math.log(0.3)) / 3],
    ['brier', (2 * 0.2 ** 2 + 2 * 0.4 ** 2 + 2 * 0.7 ** 2) / 3],
    ['calibrationError', (0.2 + 0.4 + 0.7) / 3],
  ])('the %s is %f', (name, value) => {
    expect(measure(name, ...answers)).toBeCloseTo(value, 12);
  });
});

describe('of three estimates', () => {
  test.each([
    ['mae', 1],
    ['rmse', Math.sqrt(5 / 3)],
    ['r2', 1 - 5 / 8],
  ])('the %s is %f', (name, value) => {
    expect(measureValues(name, [0, 1], [2, 2], [4, 2])).toBeCloseTo(value, 12);
  });

  test('R² is 0 where all labels are equal', () => {
    expect(measureValues('r2', [3, 1], [3, 2])).toBe(0);
  });
});

describe('the calibration error', () => {
  test('is the gap between confidence and accuracy', () => {
    const claims = Array.from(
      { length: 10 },
      (_, index) => [index < 7 ? 'good' : 'bad', 'good', 0.95] as const,
    );
    expect(measure('calibrationError', ...claims)).toBeCloseTo(0.25, 12);
    expect(measure('calibrationError')).toBe(0);
  });

  test('weighs bins by their counts', () => {
    const claims = [
      ['good', 'good', 1],
      ['good', 'good', 1],
      ['good', 'good', 1],
      ['bad', 'good', 0.55],
    ] as const;
    expect(measure('calibrationError', ...claims)).toBeCloseTo(0.55 / 4, 12);
  });
});
