import { estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
import { regression } from './tasks.ts';

/** The root mean squared error: large errors weigh more than in the mean absolute error. */
export const rmse = {
  name: 'rmse',
  label: 'root mean squared error',
  definition:
    'Square root of the mean of (y − ŷ)²; large errors weigh more than in the mean absolute error.',
  better: 'lower',
  format: 'number',
  unit: 'that of the label',
  range: [0, Number.POSITIVE_INFINITY],
  tasks: regression,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples }) =>
    Math.sqrt(mean(estimatesOf(examples).map(({ truth, value }) => (truth - value) ** 2))),
} as const satisfies QualityMetric;
