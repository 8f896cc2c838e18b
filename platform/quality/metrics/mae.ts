import { type Estimate, estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
import { regression } from './tasks.ts';

/** How far estimates are from the truth on average. */
export const mae = {
  name: 'mae',
  label: 'mean absolute error',
  definition: 'Mean of |y − ŷ|.',
  better: 'lower',
  format: 'number',
  unit: 'that of the label',
  range: [0, Number.POSITIVE_INFINITY],
  tasks: regression,
  needsOutOfDistribution: false,
  primary: true,
  measure: ({ examples }) => meanAbsoluteError(estimatesOf(examples)),
} as const satisfies QualityMetric;

function meanAbsoluteError(estimates: readonly Estimate[]): number {
  return mean(estimates.map(({ truth, value }) => Math.abs(truth - value)));
}
