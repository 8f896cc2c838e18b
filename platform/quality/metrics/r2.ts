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
  measure: ({ examples }) => explainedShare(estimatesOf(examples)),
} as const satisfies QualityMetric;

function explainedShare(estimates: readonly Estimate[]): number {
  const middle = mean(estimates.map(({ truth }) => truth));
  const squared = mean(estimates.map(({ truth, value }) => (truth - value) ** 2));
  const spread = mean(estimates.map(({ truth }) => (truth - middle) ** 2));
  return spread === 0 ? 0 : 1 - squared / spread;
}
