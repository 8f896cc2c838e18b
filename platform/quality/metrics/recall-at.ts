import type { MetricFacts } from './metric.ts';
import { measureOneVersusRest, type Ranking } from './one-versus-rest.ts';

/** The greatest recall that a threshold has with at least this precision; null where there is nothing to tell apart. */
export function recallAt(precision: number, facts: MetricFacts): number | null {
  return measureOneVersusRest(facts, (ranking) => recallOf(ranking, precision));
}

/** The most hits down to a level at which so large a share of all examples are hits. */
function recallOf({ sizes, hits, positives }: Ranking, precision: number): number {
  let [found, all, most] = [0, 0, 0];
  for (const [level, size] of sizes.entries()) {
    found += hits[level] ?? 0;
    all += size;
    if (found >= precision * all) most = found;
  }
  return most / positives;
}
