import { areaError, areaInterval } from '../statistics/area-interval.ts';
import type { Estimate } from '../statistics/mean-interval.ts';
import type { QualityMetric } from './metric.ts';
import {
  intervalOneVersusRest,
  measureOneVersusRest,
  partsOneVersusRest,
  type Ranking,
} from './one-versus-rest.ts';
import { classification } from './tasks.ts';

/** How well probabilities rank the examples of a class above the others, whatever threshold is taken. */
export const auroc = {
  name: 'auroc',
  label: 'AUROC',
  definition:
    'How likely an example of a class gets a higher probability of it than one of another class, ties counting half; of more than two classes the mean over them.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => measureOneVersusRest(facts, (ranking) => areaOf(ranking)),
  parts: (facts) => partsOneVersusRest(facts, (ranking) => areaOf(ranking), influenceOf),
  byRankings: true,
  interval: (facts) => intervalOneVersusRest(facts, estimateOf, influenceOf),
} as const satisfies QualityMetric;

/** The mean over the examples of the class of the share of the others that each is ranked above (Mann–Whitney). */
function areaOf(ranking: Ranking, { ofPositives } = placementsOf(ranking)): number {
  const sum = ranking.hits.reduce(
    (total, hits, level) => total + hits * (ofPositives[level] ?? 0),
    0,
  );
  return sum / ranking.positives;
}

/**
 * How far each example's placement is from the area, weighted by how few there are of its side: the structural components
 * of E. DeLong, D. DeLong and D. Clarke-Pearson (Biometrics 44, 1988), whose variance is that of the area.
 */
function influenceOf(ranking: Ranking, area: number): Float64Array {
  const { levels, positive, positives, negatives } = ranking;
  const { ofPositives, ofNegatives } = placementsOf(ranking);
  const count = positives + negatives;
  return Float64Array.from(levels, (level, index) => {
    const [placed, side] = positive[index]
      ? [ofPositives[level], positives]
      : [ofNegatives[level], negatives];
    return (((placed ?? 0) - area) * count) / side;
  });
}

/**
 * The area with its interval from the counts alone, which is right where few examples say little of their spread, wider where they
 * do say that they spread more.
 */
function estimateOf(ranking: Ranking): Estimate {
  const { positives, negatives } = ranking;
  const placements = placementsOf(ranking);
  const value = areaOf(ranking, placements);
  const { low, high } = areaInterval(value, positives, negatives);
  const expected = areaError(value, positives, negatives);
  const wider = expected > 0 ? Math.max(1, spreadOf(ranking, placements, value) / expected) : 1;
  return {
    value,
    low: Math.max(0, value - (value - low) * wider),
    high: Math.min(1, value + (high - value) * wider),
  };
}

/** The standard error of the area by the spread of the placements on both sides. */
function spreadOf(
  { sizes, hits, positives, negatives }: Ranking,
  { ofPositives, ofNegatives }: ReturnType<typeof placementsOf>,
  area: number,
): number {
  let [inside, outside] = [0, 0];
  for (const [level, size] of sizes.entries()) {
    const here = hits[level] ?? 0;
    inside += here * ((ofPositives[level] ?? 0) - area) ** 2;
    outside += (size - here) * ((ofNegatives[level] ?? 0) - area) ** 2;
  }
  const varianceOf = (squares: number, count: number) =>
    count > 1 ? squares / count / (count - 1) : 0;
  return Math.sqrt(varianceOf(inside, positives) + varianceOf(outside, negatives));
}

/** The share of the other side that examples of each level are ranked rightly against, ties counting half. */
function placementsOf({ sizes, hits, positives, negatives }: Ranking) {
  const ofPositives = new Float64Array(sizes.length);
  const ofNegatives = new Float64Array(sizes.length);
  let [above, othersAbove] = [0, 0];
  for (const [level, size] of sizes.entries()) {
    const here = hits[level] ?? 0;
    const others = size - here;
    ofPositives[level] = (negatives - othersAbove - others / 2) / negatives;
    ofNegatives[level] = (above + here / 2) / positives;
    above += here;
    othersAbove += others;
  }
  return { ofPositives, ofNegatives };
}
