import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** Least probability that log loss sees, so that one confident mistake does not make it infinite. */
const smallest = 1e-15;

/** The mean surprise at the true class. */
export const logLoss = {
  name: 'logLoss',
  label: 'log loss',
  definition: `Mean of −ln p(true class), with p at least ${smallest}.`,
  better: 'lower',
  format: 'number',
  range: [0, -Math.log(smallest)],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => mean(surprises(facts)),
  parts: surprises,
  byLosses: true,
} as const satisfies QualityMetric;

function surprises({ examples, classes }: MetricFacts): number[] {
  return examples.map(({ label, probabilities }) => {
    const truth = probabilities[classes.indexOf(label)] ?? 0;
    return -Math.log(Math.max(smallest, truth));
  });
}
