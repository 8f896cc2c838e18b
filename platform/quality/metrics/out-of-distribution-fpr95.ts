import { type Ends, jointQuantile, scoreInterval } from '../statistics/score-interval.ts';
import type { QualityMetric, RefusalScores } from './metric.ts';
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
  interval: ({ refusalScores }) => (refusalScores ? intervalOf(refusalScores) : null),
} as const satisfies QualityMetric;

/** The true threshold is one that may accept 95 % of the genuine inputs: how many others pass it is known as well as they allow. */
function intervalOf({ inliers, outliers }: RefusalScores): Ends | null {
  if (inliers.length === 0 || outliers.length === 0) return null;
  const falling = [...inliers].sort((a, b) => b - a);
  const accepted = (place: number) => scoreInterval(place + 1, falling.length, jointQuantile);
  const first = falling.findIndex((_, place) => accepted(place).high >= 0.95);
  const last = falling.findLastIndex((_, place) => accepted(place).low <= 0.95);
  const passing = (threshold = Number.NEGATIVE_INFINITY) =>
    outliers.filter((score) => score >= threshold).length;
  // Where all inliers may be less than 95 % of what is to come, the threshold may lie below any of them.
  const lowest = last === falling.length - 1 ? undefined : falling[last];
  return {
    low: scoreInterval(passing(falling[first]), outliers.length, jointQuantile).low,
    high: scoreInterval(passing(lowest), outliers.length, jointQuantile).high,
  };
}
