import { mean } from './mean.ts';
import type { MetricFacts } from './metric.ts';

/** What a model says of the examples of a class and of all others: how likely each is of that class. */
export interface Ranking {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/**
 * Measures how well the probability of a class tells its examples from the others. Of two classes only the rarer one of
 * the test is asked for (of equal ones the second), of more the mean over those that the test holds.
 *
 * @returns null where the test holds fewer than two classes
 */
export function measureOneVersusRest(
  { examples, classes }: MetricFacts,
  measure: (ranking: Ranking) => number,
): number | null {
  const rankings = classes
    .map((name, index) => rank(examples, name, index))
    .filter(({ positives, negatives }) => positives.length > 0 && negatives.length > 0);
  if (rankings.length === 0) return null;
  const asked = classes.length === 2 ? rankings.toSorted(byRarity).slice(0, 1) : rankings;
  return mean(asked.map(measure));
}

function rank(examples: MetricFacts['examples'], name: string, index: number): Ranking {
  const likely = (of: MetricFacts['examples']) =>
    of.map(({ probabilities }) => probabilities[index] ?? 0);
  return {
    positives: likely(examples.filter(({ label }) => label === name)),
    negatives: likely(examples.filter(({ label }) => label !== name)),
  };
}

function byRarity(a: Ranking, b: Ranking): number {
  return a.positives.length - b.positives.length || -1;
}
