import type { Estimate } from '../statistics/mean-interval.ts';
import { normal975 } from '../statistics/normal-quantile.ts';
import type { QualityMetric } from './metric.ts';
import {
  intervalOneVersusRest,
  measureOneVersusRest,
  partsOneVersusRest,
  type Ranking,
} from './one-versus-rest.ts';
import { classification } from './tasks.ts';

/** How pure the answers are on the way to finding every example of a class: what matters where it is rare. */
export const averagePrecision = {
  name: 'averagePrecision',
  label: 'average precision',
  definition:
    'Mean precision over the recalls that thresholds on the probability of a class reach; of two classes that of the rarer one, of more the mean over them. Chance reaches the share of the class.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => measureOneVersusRest(facts, precisionOf),
  parts: (facts) => partsOneVersusRest(facts, precisionOf, influenceOf),
  byRankings: true,
  interval: (facts) => intervalOneVersusRest(facts, estimateOf, influenceOf),
} as const satisfies QualityMetric;

/** Σ (recall − recall before) · precision over the thresholds, the highest first; equal scores are one threshold. */
function precisionOf(ranking: Ranking): number {
  const precisions = precisionsOf(ranking);
  const sum = ranking.hits.reduce(
    (total, hits, level) => total + hits * (precisions[level] ?? 0),
    0,
  );
  return sum / ranking.positives;
}

/**
 * The derivative of the value by each example's weight, times their number (the infinitesimal jackknife). An example of
 * the class counts by the precision at its own threshold, and every example changes the precision at all lower ones.
 */
function influenceOf(ranking: Ranking, value: number): Float64Array {
  const { levels, positive, sizes, hits, positives, negatives } = ranking;
  const precisions = precisionsOf(ranking);
  const [gains, losses] = [new Float64Array(sizes.length), new Float64Array(sizes.length)];
  let [gain, loss, above] = [0, 0, positives + negatives];
  // From the lowest threshold up: what one more example above it changes, if it is of the class and if it is not.
  for (let level = sizes.length - 1; level >= 0; level--) {
    const [precision, here] = [precisions[level] ?? 0, hits[level] ?? 0];
    gain += (here * (1 - precision)) / above;
    loss += (here * precision) / above;
    gains[level] = precision - value + gain;
    losses[level] = -loss;
    above -= sizes[level] ?? 0;
  }
  const scale = levels.length / positives;
  return Float64Array.from(levels, (level, index) => {
    return scale * ((positive[index] ? gains[level] : losses[level]) ?? 0);
  });
}

/**
 * The value with its interval on the scale of log odds, which knows a share of so many examples as there are of the class (K. Boyd,
 * K. Eng and C. Page, Area under the Precision-Recall Curve, ECML PKDD 2013). Few examples of a class find themselves at the top,
 * so the value lies above the true one by chance: its low end is that of the value without it.
 */
function estimateOf(ranking: Ranking): Estimate {
  const value = precisionOf(ranking);
  const sober = precisionOfOthers(ranking);
  return {
    ...{ value, sober },
    low: Math.min(sober, logOddsEnd(sober, ranking.positives, -1)),
    high: Math.max(value, logOddsEnd(value, ranking.positives, 1)),
  };
}

/**
 * One end of a share's interval: on the scale of log odds 1.96 standard errors away. No share counts as nearer to 0 or 1 than a quarter
 * of an example.
 */
function logOddsEnd(share: number, count: number, direction: 1 | -1): number {
  const edge = 1 / (4 * count);
  const inside = Math.min(1 - edge, Math.max(edge, share));
  const error = 1 / Math.sqrt(count * inside * (1 - inside));
  return 1 / (1 + ((1 - inside) / inside) * Math.exp(-direction * normal975 * error));
}

/** The mean precision at the threshold of each example of the class among the others, without the example itself. */
function precisionOfOthers({ sizes, hits, positives }: Ranking): number {
  let [found, all, sum] = [0, 0, 0];
  for (const [level, size] of sizes.entries()) {
    const here = hits[level] ?? 0;
    found += here;
    all += size;
    if (all > 1) sum += (here * (found - 1)) / (all - 1);
    // Alone at the top there is nothing wrong above it, if there are others of the class at all.
    else if (positives > 1) sum += here;
  }
  return sum / positives;
}

/** The share of the class among all examples down to each level. */
function precisionsOf({ sizes, hits }: Ranking): Float64Array {
  let [found, all] = [0, 0];
  return Float64Array.from(sizes, (size, level) => {
    found += hits[level] ?? 0;
    all += size;
    return found / all;
  });
}
