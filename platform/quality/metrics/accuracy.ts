import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** The share of right answers. */
export const accuracy = {
  name: 'accuracy',
  label: 'accuracy',
  definition: 'Share of the test examples whose class is named right.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: true,
  measure: (facts) => mean(hits(facts)),
  parts: hits,
} as const satisfies QualityMetric;

function hits({ examples }: MetricFacts): number[] {
  return examples.map(({ label, predicted }) => (label === predicted ? 1 : 0));
}
