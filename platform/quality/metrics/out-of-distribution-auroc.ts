import { areaInterval } from '../statistics/area-interval.ts';
import { areaWidening } from '../statistics/area-spread.ts';
import type { QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** How well scores separate inputs that must be refused from genuine ones. */
export const outOfDistributionAuroc = {
  name: 'outOfDistributionAuroc',
  label: 'AUROC, out-of-distribution inputs',
  definition:
    'How likely a genuine test example scores above an input that must be refused, ties counting half.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: true,
  primary: false,
  measure: ({ outOfDistribution }) => outOfDistribution?.auroc ?? null,
  interval: ({ outOfDistribution, refusalScores }) => {
    const area = outOfDistribution?.auroc;
    if (area == null || !refusalScores) return null;
    const { inliers, outliers } = refusalScores;
    const wider = areaWidening(area, inliers, outliers);
    return areaInterval(area, inliers.length, outliers.length, wider);
  },
} as const satisfies QualityMetric;
