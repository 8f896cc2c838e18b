import { meanInterval } from '../statistics/mean-interval.ts';
import { type Ends, jointQuantile, scoreInterval } from '../statistics/score-interval.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import {
  measureOneVersusRest,
  type Ranking,
  rankingsOf,
  reweighOneVersusRest,
} from './one-versus-rest.ts';

/** How the recall at a precision is measured, how sure it is, and what it would be with other examples. */
export function recallAt(
  precision: number,
): Required<Pick<QualityMetric, 'measure' | 'interval' | 'reweigh'>> {
  const recall = (ranking: Ranking) => recallOf(ranking, precision);
  return {
    measure: (facts) => measureOneVersusRest(facts, recall),
    interval: (facts) => intervalOf(facts, precision),
    reweigh: (facts) => reweighOneVersusRest(facts, recall),
  };
}

/** The most hits down to a level at which so large a share of all examples are hits. @param wrong so many more that are none */
function recallOf({ sizes, hits, positives }: Ranking, precision: number, wrong = 0): number {
  let [found, all, most] = [0, wrong, 0];
  // Resampling asks hundreds of times: an iterator of entries would take most of it.
  for (let level = 0; level < sizes.length; level++) {
    found += hits[level] ?? 0;
    all += sizes[level] ?? 0;
    if (found >= precision * all) most = found;
  }
  return most / positives;
}

/**
 * The greatest recall over many thresholds lies above the true one by chance, and in the mean over classes chance adds up while what
 * is uncertain of each partly cancels. So the low end is that of the recall with one more wrong answer at the top, which few examples
 * cannot rule out; without it the mean of ten classes was held in 8 to 90 % of tests (bench/statistics).
 */
function intervalOf(facts: MetricFacts, precision: number): Ends | null {
  const rankings = rankingsOf(facts);
  if (rankings.length === 0) return null;
  return meanInterval(
    rankings.map((ranking) => {
      const reach = reachOf(ranking, precision);
      const sober = Math.max(reach.low, recallOf(ranking, precision, 1));
      return { ...reach, value: recallOf(ranking, precision), sober };
    }),
  );
}

/**
 * Which recalls the true threshold may have. Its precision is the one that is asked for, so it is none whose precision is shown to
 * be higher, and none where it is shown to be lower: between the two the recall lies, itself known as well as the examples of
 * the class allow. It may lie above all examples, of which the first may be wrong by chance.
 */
function reachOf({ sizes, hits, positives }: Ranking, precision: number): Ends {
  let [found, all, low] = [0, 0, 0];
  let { high } = scoreInterval(0, positives, jointQuantile);
  for (const [level, size] of sizes.entries()) {
    found += hits[level] ?? 0;
    all += size;
    const reached = scoreInterval(found, all, jointQuantile);
    const recall = scoreInterval(found, positives, jointQuantile);
    if (reached.low >= precision) low = Math.max(low, recall.low);
    if (reached.high >= precision) high = Math.max(high, recall.high);
  }
  return { low, high };
}
