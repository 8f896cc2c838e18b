import { type Estimate, estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
import { regression } from './tasks.ts';

/** The share of the label's variance the estimates explain. */
export const r2 = {
  name: 'r2',
  label: 'R²',
  definition:
    '1 − Σ (y − ŷ)² / Σ (y − ȳ)²: 0 is what always predicting the mean reaches; also 0 where all labels are equal.',
  better: 'higher',
  format: 'number',
  range: [Number.NEGATIVE_INFINITY, 1],
  tasks: regression,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples }) => {
    const { squares, spreads } = squaresOf(estimatesOf(examples));
    const spread = mean(spreads);
    return spread === 0 ? 0 : 1 - mean(squares) / spread;
  },
  parts: ({ examples }) => {
    const { squares, spreads } = squaresOf(estimatesOf(examples));
    const [error, spread] = [mean(squares), mean(spreads)];
    if (spread === 0) return squares.map(() => 0);
    // 1 − error / spread, plus the slopes of the quotient times each example's distance from the two means.
    return squares.map(
      (square, index) =>
        1 - square / spread + (error * ((spreads[index] ?? 0) - spread)) / spread ** 2,
    );
  },
} as const satisfies QualityMetric;

/** Squared errors, and squared distances of the labels from their mean. */
function squaresOf(estimates: readonly Estimate[]) {
  const middle = mean(estimates.map(({ truth }) => truth));
  return {
    squares: estimates.map(({ truth, value }) => (truth - value) ** 2),
    spreads: estimates.map(({ truth }) => (truth - middle) ** 2),
  };
}
