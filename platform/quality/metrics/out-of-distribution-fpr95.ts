import { countBelow } from '../../lib/count-below.ts';
import { binomialTail } from '../statistics/binomial-tail.ts';
import { normal975 } from '../statistics/normal-quantile.ts';
import { type Ends, scoreInterval } from '../statistics/score-interval.ts';
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

/**
 * From Wilson's interval of the share that passes the threshold and from what other thresholds would let pass, as far as each may
 * be the true one: the two distances add up in squares (G. Y. Zou and A. Donner, Construction of confidence limits about effect measures,
 * Statistics in Medicine 27, 2008; for a sensitivity at a given specificity X.-H. Zhou and G. Qin, Statistics in Medicine 24, 2005,
 * add both variances). Before, two 90 % intervals were united, which held 92 % with few and 98 % with many inputs (bench/statistics).
 */
function intervalOf({ inliers, outliers }: RefusalScores): Ends | null {
  if (inliers.length === 0 || outliers.length === 0) return null;
  const falling = Float64Array.from(inliers).sort().reverse();
  const rising = Float64Array.from(outliers).sort();
  const passing = (threshold: number) =>
    (rising.length - countBelow(rising, threshold)) / rising.length;
  const value = passing(falling[Math.ceil(share * falling.length) - 1] ?? Number.NEGATIVE_INFINITY);
  const { low, high } = scoreInterval(value * rising.length, rising.length, normal975);
  const moved = normal975 * Math.sqrt(thresholdVariance(falling, passing));
  return {
    low: Math.max(0, value - Math.hypot(value - low, moved)),
    // Where all genuine inputs lie above the true threshold by chance nothing is known of what it lets pass.
    high:
      share ** falling.length > 0.025 ? 1 : Math.min(1, value + Math.hypot(high - value, moved)),
  };
}

/** Of the genuine inputs so many pass. */
const share = 0.95;

/**
 * The variance of what passes by which inlier the true threshold lies at: that of as many as the binomial distribution lets it accept
 * (the exact bootstrap of an order statistic; A. D. Hutson and M. D. Ernst, JRSS B 62, 2000). Between two inliers it may lie anywhere,
 * and beyond the last one it lets everything pass.
 */
function thresholdVariance(falling: Float64Array, passing: (threshold: number) => number): number {
  const count = falling.length;
  // Further off than that it lies next to never, and counting to there would take long.
  const spread = 8 * Math.sqrt(count * share * (1 - share));
  const [first, last] = [
    Math.max(0, Math.floor(share * count - spread)),
    Math.min(count, Math.ceil(share * count + spread)),
  ];
  let [mean, square, before] = [0, 0, 0];
  let above = first > 0 ? passing(falling[first - 1] ?? 0) : 0;
  for (let accepted = first; accepted <= last; accepted++) {
    const upTo = binomialTail(accepted, count, share);
    const below = accepted < count ? passing(falling[accepted] ?? 0) : 1;
    const middle = (above + below) / 2;
    mean += (upTo - before) * middle;
    square += (upTo - before) * middle ** 2;
    [before, above] = [upTo, below];
  }
  return Math.max(0, square - mean ** 2);
}
