import { type Estimate, estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
import { regression } from './tasks.ts';

/** How much closer estimates are than always answering with the median. */
export const maeSkill = {
  name: 'maeSkill',
  label: 'absolute error skill',
  definition:
    '1 − Σ |y − ŷ| / Σ |y − median of y|: 0 is what always predicting the median reaches; also 0 where all labels are equal.',
  better: 'higher',
  format: 'number',
  range: [Number.NEGATIVE_INFINITY, 1],
  tasks: regression,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples }) => {
    const { errors, spreads } = distancesOf(estimatesOf(examples));
    const spread = mean(spreads);
    return spread === 0 ? 0 : 1 - mean(errors) / spread;
  },
  parts: ({ examples }) => {
    const { errors, spreads } = distancesOf(estimatesOf(examples));
    const [error, spread] = [mean(errors), mean(spreads)];
    if (spread === 0) return errors.map(() => 0);
    // 1 − error / spread, plus the slopes of the quotient times each example's distance from the two means.
    return errors.map(
      (one, index) => 1 - one / spread + (error * ((spreads[index] ?? 0) - spread)) / spread ** 2,
    );
  },
} as const satisfies QualityMetric;

/** Absolute errors, and distances of the labels from their median. */
function distancesOf(estimates: readonly Estimate[]) {
  const middle = medianOf(estimates.map(({ truth }) => truth));
  return {
    errors: estimates.map(({ truth, value }) => Math.abs(truth - value)),
    spreads: estimates.map(({ truth }) => Math.abs(truth - middle)),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}
