import type { QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** How many inputs that must be refused still pass. */
export const outOfDistributionFpr95 = {
  name: 'outOfDistributionFpr95',
  label: 'FPR95, out-of-distribution inputs',
  definition:
    'Share of the inputs that must be refused which pass where 95 % of the genuine ones do.',
  better: 'lower',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: true,
  primary: false,
  measure: ({ outOfDistribution }) => outOfDistribution?.fpr95 ?? null,
} as const satisfies QualityMetric;
