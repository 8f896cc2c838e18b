import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../../platform/lib/random.ts';
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
    ['balancedAccuracy', 1 / 2],
    // Of good and bad, 1 of 2 stands above; the only bad one is second of three.
    ['auroc', 1 / 2],
    ['averagePrecision', 1 / 2],
    ['recallAtPrecision80', 0],
    [
      'logLossSkill',
      1 - (Math.log(0.8) + Math.log(0.6) + Math.log(0.3)) / (2 * Math.log(2 / 3) + Math.log(1 / 3)),
    ],
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
    ['maeSkill', 1 - 3 / 4],
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

describe('a constant answer', () => {
  const labels = fc.array(fc.constantFrom('good', 'bad'), { minLength: 2, maxLength: 60 });
  const mixed = labels.filter((some) => new Set(some).size === 2);

  test('has no skill, whatever it is', () => {
    fc.assert(
      fc.property(labels, fc.double({ min: 0, max: 1, noNaN: true }), (some, good) => {
        const answers = some.map((label) => [label, good >= 0.5 ? 'good' : 'bad', good] as const);
        expect(measure('logLossSkill', ...answers)).toBeLessThanOrEqual(1e-12);
      }),
    );
  });

  test('ranks nothing, and has a balanced accuracy of one class in two', () => {
    fc.assert(
      fc.property(mixed, (some) => {
        const answers = some.map((label) => [label, 'good', 0.7] as const);
        const good = some.filter((label) => label === 'good').length / some.length;
        expect(measure('auroc', ...answers)).toBeCloseTo(0.5, 12);
        expect(measure('averagePrecision', ...answers)).toBeCloseTo(Math.min(good, 1 - good), 12);
        expect(measure('balancedAccuracy', ...answers)).toBeCloseTo(0.5, 12);
      }),
    );
  });
});

describe('where the test holds one class', () => {
  const answers = [
    ['good', 'good', 0.8],
    ['good', 'bad', 0.4],
  ] as const;

  test('nothing can be ranked, and there is no constant to be better than', () => {
    expect(measure('auroc', ...answers)).toBeNull();
    expect(measure('averagePrecision', ...answers)).toBeNull();
    expect(measure('logLossSkill', ...answers)).toBe(0);
    expect(measure('balancedAccuracy', ...answers)).toBeCloseTo(0.5, 12);
  });
});

// Computed with scikit-learn 1.9.1: roc_auc_score, average_precision_score, balanced_accuracy_score.
describe('of rankings with ties, as scikit-learn has it,', () => {
  const scores = [0.9, 0.8, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.4, 0.1];
  const rare = [1, 0, 1, 0, 0, 1, 0, 0, 0, 0];
  const answers = scores.map((score, index) => {
    const label = rare[index] === 1 ? 'bad' : 'good';
    return [label, score > 0.5 ? 'bad' : 'good', 1 - score] as const;
  });

  test.each([
    ['auroc', 0.833333333333333],
    ['averagePrecision', 0.722222222222222],
    // Only the first of the three is above every other.
    ['recallAtPrecision80', 1 / 3],
    ['recallAtPrecision95', 1 / 3],
    ['balancedAccuracy', 0.785714285714286],
  ])('the %s is %f', (name, value) => {
    expect(measure(name, ...answers)).toBeCloseTo(value, 12);
  });
});

describe('what chance makes of the calibration error', () => {
  /** Confidences spread over [0.5, 1), and answers that are right as often as they claim. */
  const honest = (count: number, seed: string) => {
    const random = createRandom(seed);
    return Array.from({ length: count }, () => {
      const confidence = random.between(0.5, 1);
      return [random.next() < confidence ? 'good' : 'bad', 'good', confidence] as const;
    });
  };
  const chanceOf = (count: number, seed: string) => {
    const examples = honest(count, seed).map(([label, predicted, good]) => {
      return { label, predicted, probabilities: [good, 1 - good] };
    });
    const facts = { examples, classes, outOfDistribution: null };
    return (
      findMetric('calibrationError')?.chance?.(facts) ?? { mean: Number.NaN, high: Number.NaN }
    );
  };

  test('is what true probabilities have in the mean, and 19 of 20 times at most', () => {
    const { mean, high } = chanceOf(150, 'one');
    const errors = Array.from({ length: 400 }, (_, run) =>
      Number(measure('calibrationError', ...honest(150, `run ${run}`))),
    );
    const average = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(mean / average).toBeCloseTo(1, 0.8);
    expect(errors.filter((error) => error > high).length / errors.length).toBeLessThan(0.1);
    expect(errors.filter((error) => error > high).length / errors.length).toBeGreaterThan(0.01);
  });

  test('shrinks with the root of the number of examples, and is the same every time', () => {
    expect(chanceOf(200, 'a')).toEqual(chanceOf(200, 'a'));
    expect(chanceOf(400, 'a').mean / chanceOf(6400, 'a').mean).toBeCloseTo(4, -0.3);
  });
});
