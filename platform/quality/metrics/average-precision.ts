import type { QualityMetric } from './metric.ts';
import { measureOneVersusRest, partsOneVersusRest, type Ranking } from './one-versus-rest.ts';
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

/** The share of the class among all examples down to each level. */
function precisionsOf({ sizes, hits }: Ranking): Float64Array {
  let [found, all] = [0, 0];
  return Float64Array.from(sizes, (size, level) => {
    found += hits[level] ?? 0;
    all += size;
    return found / all;
  });
}
