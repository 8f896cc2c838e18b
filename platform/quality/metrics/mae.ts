import { estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
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
  measure: (facts) => mean(errors(facts)),
  parts: errors,
  byLosses: true,
} as const satisfies QualityMetric;

function errors({ examples }: MetricFacts): number[] {
  return estimatesOf(examples).map(({ truth, value }) => Math.abs(truth - value));
}
