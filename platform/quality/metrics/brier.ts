import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** The mean squared distance between the probabilities and the truth (G. W. Brier, 1950). */
export const brier = {
  name: 'brier',
  label: 'Brier score',
  definition:
    'Mean of Σ (p − y)² over the classes, y being 1 for the true class and 0 for others (Brier, 1950).',
  better: 'lower',
  format: 'number',
  range: [0, 2],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => mean(distances(facts)),
  parts: distances,
  byLosses: true,
} as const satisfies QualityMetric;

function distances({ examples, classes }: MetricFacts): number[] {
  return examples.map(({ label, probabilities }) =>
    distance(probabilities, classes.indexOf(label)),
  );
}

function distance(probabilities: readonly number[], truth: number): number {
  return probabilities.reduce(
    (sum, share, index) => sum + (share - (index === truth ? 1 : 0)) ** 2,
    0,
  );
}
