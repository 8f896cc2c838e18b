import { estimatesOf } from './estimates.ts';
import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
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
  measure: (facts) => Math.sqrt(mean(squares(facts))),
  // The root's slope at the mean turns squared errors into errors.
  parts: (facts) => {
    const errors = squares(facts);
    const root = Math.sqrt(mean(errors));
    return errors.map((square) => (root === 0 ? 0 : root + (square - root * root) / (2 * root)));
  },
} as const satisfies QualityMetric;

function squares({ examples }: MetricFacts): number[] {
  return estimatesOf(examples).map(({ truth, value }) => (truth - value) ** 2);
}
