import { describe, expect, test } from 'vitest';
import { measureCertainty } from '../../../../pipeline/evaluation/measure-certainty.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { metricsFor } from '../../../../platform/quality/index.ts';
import type { Prediction } from '../../../../platform/schemas/index.ts';

const classes = ['high', 'low'];
const metrics = metricsFor('tabular-classification', false).map(({ name, better }) => {
  return { name, better, value: 0 };
});
const options = { classes, evaluation: { metrics } };

/** Answers that are right with the probability that they state, drawn from a few. */
function answers(count: number, seed: string, sure: readonly number[]): Prediction[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const id = `${seed}/${at}`;
    const high = sure[random.int(sure.length)] ?? 0.5;
    return {
      ...{ id, digest: digestBytes(id), dataset: 'd', split: 'test' as const, score: 0 },
      ...{ label: random.next() < high ? 'high' : 'low', predicted: high > 0.5 ? 'high' : 'low' },
      ...{ probabilities: [high, 1 - high], accepted: true },
    };
  });
}

describe('the interval of a metric', () => {
  const sure = [0.1, 0.3, 0.6, 0.8, 0.95];
  const truths = {
    accuracy: sure.reduce((sum, p) => sum + Math.max(p, 1 - p), 0) / sure.length,
    logLoss:
      sure.reduce((sum, p) => sum - p * Math.log(p) - (1 - p) * Math.log(1 - p), 0) / sure.length,
    brier: sure.reduce((sum, p) => sum + 2 * p * (1 - p), 0) / sure.length,
  };

  test('covers the true value about 95 times out of 100', () => {
    const samples = Array.from(
      { length: 160 },
      (_, at) => measureCertainty(answers(150, `sample ${at}`, sure), options).intervals,
    );
    for (const [name, truth] of Object.entries(truths)) {
      const covered = samples.filter((intervals) => {
        const { low, high } = intervals.find((one) => one.name === name) ?? {};
        return low != null && high != null && low <= truth && truth <= high;
      });
      expect(covered.length / samples.length, name).toBeGreaterThan(0.91);
      expect(covered.length / samples.length, name).toBeLessThan(0.995);
    }
  });

  test('is left out where answers say nothing of it, but not where it counts right answers', () => {
    const { examples, intervals } = measureCertainty(answers(60, 'sure', [1]), options);
    expect(examples).toBe(60);
    const known = intervals.filter(({ low }) => low !== null);
    expect(known.map(({ name }) => name).toSorted()).toEqual([
      ...['accuracy', 'balancedAccuracy', 'macroF1'],
    ]);
    for (const { low, high } of known) {
      expect(low).toBeLessThan(1);
      expect(high).toBe(1);
    }
    expect(known.find(({ name }) => name === 'accuracy')?.low).toBeGreaterThan(0.9);
  });

  test('is of the test split', () => {
    const validation = answers(60, 'held', [0.9]).map((one) => ({
      ...one,
      split: 'validation' as const,
    }));
    const { examples } = measureCertainty([...validation, ...answers(40, 'test', [0.9])], options);
    expect(examples).toBe(40);
  });

  test('of refusal is known by the scores of the answers, those to refuse among them', () => {
    const refused = answers(40, 'melon', [0.9]).map((one, at) => ({
      ...{ ...one, dataset: 'melons', label: 'melon', score: at / 10 - 3 },
    }));
    const tested = answers(200, 'test', [0.9]).map((one, at) => ({ ...one, score: at / 100 }));
    const names = ['outOfDistributionAuroc', 'outOfDistributionFpr95'];
    const evaluation = {
      metrics: names.map((name) => ({ name, better: 'higher' as const, value: 0.9 })),
      outOfDistribution: {
        ...{ method: 'energy' as const, threshold: 0, acceptance: 0.95, distance: null },
        ...{ auroc: 0.9, fpr95: 0.2, refused: null },
      },
    };
    const { intervals } = measureCertainty([...tested, ...refused], { classes, evaluation });
    for (const { low, high } of intervals) {
      expect(low).toBeGreaterThan(0);
      expect(high).toBeLessThan(1);
    }
    expect(intervals).toHaveLength(2);
  });
});
