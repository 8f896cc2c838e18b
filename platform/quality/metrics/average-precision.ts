import { type ClassSpread, classSpread, degreesOf } from '../statistics/class-spread.ts';
import { type Estimate, meanInterval, togetherness } from '../statistics/mean-interval.ts';
import { normal975 } from '../statistics/normal-quantile.ts';
import { type Ends, scoreInterval } from '../statistics/score-interval.ts';
import { studentQuantile } from '../statistics/student-t.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import {
  measureOneVersusRest,
  partsOneVersusRest,
  type Ranking,
  rankingsOf,
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
  interval: intervalOf,
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
 * The interval of the mean over the classes. Each class's is normal on the scale of log odds (K. Boyd, K. Eng and C. Page, Area under the
 * Precision-Recall Curve, ECML PKDD 2013) with the spread of the examples' influences, of which all classes together give Student's t
 * its degrees of freedom. Boyd's own spread, that of a share of as many examples as there are of the class, knows nothing of how
 * they are ranked: where precision is high it is up to twice too large (bench/statistics).
 */
function intervalOf(facts: MetricFacts): Ends | null {
  const rankings = rankingsOf(facts);
  if (rankings.length === 0) return null;
  const influences = rankings.map((ranking) => influenceOf(ranking, precisionOf(ranking)));
  const spreads = rankings.map(({ positive }, at) => classSpread(influences[at] ?? [], positive));
  const degrees = degreesOf(spreads);
  const quantile = Number.isFinite(degrees) ? studentQuantile(0.025, degrees) : normal975;
  const estimates = rankings.map((ranking, at) => estimateOf(ranking, spreads[at], quantile));
  return meanInterval(estimates, togetherness(influences));
}

/**
 * The value with its interval. Few examples of a class find themselves at the top, so the value lies above the true one by chance: its
 * low end is that of the value without it.
 */
function estimateOf(ranking: Ranking, spread: ClassSpread | undefined, quantile: number): Estimate {
  const { positives, negatives } = ranking;
  const half = (quantile * Math.sqrt(spread?.squares ?? 0)) / (positives + negatives);
  const value = precisionOf(ranking);
  const sober = precisionOfOthers(ranking);
  return {
    ...{ value, sober },
    low: Math.min(sober, logOddsEnd({ share: sober, count: positives, half }, -1)),
    high: Math.max(value, logOddsEnd({ share: value, count: positives, half }, 1)),
  };
}

/** So many misplaced examples of a class weigh as much as what their number alone says of how the value spreads. */
const known = 0.02;

/**
 * One end of a share's interval on the scale of log odds. Where next to nothing is misplaced the influences hardly spread, and the score
 * interval of a share of so many examples decides. None counts as nearer to 0 or 1 than a quarter of an example, and from there the
 * end may be 0 or 1.
 *
 * @param half the length of the interval to one side on the share's own scale
 */
function logOddsEnd(
  { share, count, half }: { readonly share: number; readonly count: number; readonly half: number },
  direction: 1 | -1,
): number {
  const edge = 1 / (4 * count);
  if (direction > 0 ? share > 1 - edge : share < edge) return direction > 0 ? 1 : 0;
  const inside = Math.min(1 - edge, Math.max(edge, share));
  const { low, high } = scoreInterval(share * count, count, normal975);
  const counted = logOdds(direction > 0 ? high : low) - logOdds(inside);
  const spread = half / (inside * (1 - inside));
  const told = count * Math.min(share, 1 - share);
  const distance = Math.sqrt((spread ** 2 * told + counted ** 2 * known) / (told + known));
  return 1 / (1 + Math.exp(-logOdds(inside) - direction * distance));
}

function logOdds(share: number): number {
  return Math.log(share / (1 - share));
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
