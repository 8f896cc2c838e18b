import { countBy } from '../../lib/count-by.ts';
import { ownValue } from '../../lib/own-value.ts';
import { type Estimate, meanInterval, togetherness } from '../statistics/mean-interval.ts';
import type { Ends } from '../statistics/score-interval.ts';
import { mean } from './mean.ts';
import type { MetricFacts } from './metric.ts';

/** What a model says of all examples: how likely each is of one class. Equal probabilities are one level. */
export interface Ranking {
  /** Of each example, in their order: its level, from 0, the most likely one. */
  readonly levels: Uint32Array;
  /** Whether it is of the class. */
  readonly positive: Uint8Array;
  /** How many examples a level has, and how many of the class. */
  readonly sizes: Uint32Array;
  readonly hits: Uint32Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Measures how well the probability of a class tells its examples from the others. Of two classes only the rarer one of
 * the test is asked for (of equal ones the second), of more the mean over those that the test holds.
 *
 * @returns null where the test holds fewer than two classes
 */
export function measureOneVersusRest(
  facts: MetricFacts,
  measure: (ranking: Ranking) => number,
): number | null {
  const rankings = rankingsOf(facts);
  return rankings.length === 0 ? null : mean(rankings.map(measure));
}

/**
 * The value with the influence of each example on it, in the order of the examples; empty where there is no value.
 *
 * @param influence of each example on the value of one class
 */
export function partsOneVersusRest(
  facts: MetricFacts,
  measure: (ranking: Ranking) => number,
  influence: (ranking: Ranking, value: number) => Float64Array,
): number[] {
  const rankings = rankingsOf(facts);
  const sums = new Float64Array(rankings.length === 0 ? 0 : facts.examples.length);
  for (const ranking of rankings) {
    const value = measure(ranking);
    for (const [index, part] of influence(ranking, value).entries()) {
      sums[index] = (sums[index] ?? 0) + value + part;
    }
  }
  return Array.from(sums, (sum) => sum / rankings.length);
}

/**
 * The 95 % interval of the mean over the classes.
 *
 * @param estimate the value of one class with its interval
 * @param influence of each example on the value of one class
 * @returns null where there is no value
 */
export function intervalOneVersusRest(
  facts: MetricFacts,
  estimate: (ranking: Ranking) => Estimate,
  influence: (ranking: Ranking, value: number) => Float64Array,
): Ends | null {
  const rankings = rankingsOf(facts);
  if (rankings.length === 0) return null;
  const estimates = rankings.map(estimate);
  const influences = rankings.map((ranking, at) => influence(ranking, estimates[at]?.value ?? 0));
  return meanInterval(estimates, togetherness(influences));
}

/**
 * Measures again with each example counted so many times: of a class that no example is left of nothing is measured.
 *
 * @returns what gives the value, NaN where no class is left, for counts in the order of the examples
 */
export function reweighOneVersusRest(
  facts: MetricFacts,
  measure: (ranking: Ranking) => number,
): (counts: ArrayLike<number>) => number {
  // Each resample is measured before the next is counted, so all of them share the room that they are counted in.
  const rankings = rankingsOf(facts).map((ranking) => ({
    ...ranking,
    sizes: new Uint32Array(ranking.sizes.length),
    hits: new Uint32Array(ranking.sizes.length),
  }));
  return (counts) => {
    const reweighed = rankings
      .map((ranking) => reweigh(ranking, counts))
      .filter(({ positives }) => positives > 0);
    return reweighed.length === 0 ? Number.NaN : mean(reweighed.map(measure));
  };
}

/** Counts again, over what the levels of the ranking had. */
function reweigh({ levels, positive, sizes, hits }: Ranking, counts: ArrayLike<number>): Ranking {
  sizes.fill(0);
  hits.fill(0);
  let [positives, all] = [0, 0];
  for (let index = 0; index < levels.length; index++) {
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    const level = levels[index] ?? 0;
    sizes[level] = (sizes[level] ?? 0) + count;
    all += count;
    if (!positive[index]) continue;
    hits[level] = (hits[level] ?? 0) + count;
    positives += count;
  }
  return { levels, positive, sizes, hits, positives, negatives: all - positives };
}

/** Several metrics ask for the same rankings, and sorting is most of their work. */
const known = new WeakMap<MetricFacts, readonly Ranking[]>();

/** What a model says of each class that is asked for. */
export function rankingsOf(facts: MetricFacts): readonly Ranking[] {
  const found = known.get(facts) ?? rankAll(facts);
  known.set(facts, found);
  return found;
}

function rankAll({ examples, classes }: MetricFacts): Ranking[] {
  const counts = countBy(examples, ({ label }) => label);
  const present = classes
    .map((name, index) => ({ name, index, count: ownValue(counts, name) ?? 0 }))
    .filter(({ count }) => count > 0 && count < examples.length);
  // Of equal classes the second.
  const rarest = present.toSorted((a, b) => a.count - b.count || b.index - a.index).slice(0, 1);
  const asked = classes.length === 2 ? rarest : present;
  return asked.map(({ name, index }) => rank(examples, name, index));
}

function rank(examples: MetricFacts['examples'], name: string, index: number): Ranking {
  const scores = Float64Array.from(examples, ({ probabilities }) => probabilities[index] ?? 0);
  const positive = Uint8Array.from(examples, ({ label }) => Number(label === name));
  const different = differentOf(scores);
  const levels = Uint32Array.from(scores, (score) => placeOf(different, score));
  const [sizes, hits] = [new Uint32Array(different.length), new Uint32Array(different.length)];
  for (const [at, level] of levels.entries()) {
    sizes[level] = (sizes[level] ?? 0) + 1;
    hits[level] = (hits[level] ?? 0) + (positive[at] ?? 0);
  }
  const positives = hits.reduce((sum, count) => sum + count, 0);
  return { levels, positive, sizes, hits, positives, negatives: examples.length - positives };
}

/** Each number once, the highest first. */
function differentOf(numbers: Float64Array): Float64Array {
  const sorted = numbers.toSorted().reverse();
  return sorted.filter((number, index) => index === 0 || number !== sorted[index - 1]);
}

/** Where a number stands among falling ones that hold it. */
function placeOf(falling: Float64Array, number: number): number {
  let [from, to] = [0, falling.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((falling[middle] ?? 0) > number) from = middle + 1;
    else to = middle;
  }
  return from;
}
