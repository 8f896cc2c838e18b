import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
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
  measure: ({ examples }) =>
    mean(examples.map(({ label, predicted }) => (label === predicted ? 1 : 0))),
} as const satisfies QualityMetric;
