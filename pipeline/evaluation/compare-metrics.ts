import { createRandom } from '../../platform/lib/random.ts';
import {
  type Ends,
  type MetricFacts,
  type QualityMetric,
  qualityMetrics,
} from '../../platform/quality/index.ts';
import type { MetricComparison, Prediction } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';
import { type AnswerPair, answersDifference } from './statistics/answers-difference.ts';
import { labelledDifference } from './statistics/labelled-difference.ts';
import { type MeanDifference, meanDifference } from './statistics/mean-difference.ts';
import { resampledDifference } from './statistics/resampled-difference.ts';

/** The interval of a metric's difference that somebody has computed already. */
interface KnownInterval {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Standard error of a mean; left out of what has a width whatever the examples are. */
  readonly error?: number;
}

/**
 * Measures two models on the same examples by every metric that examples decide (those of refusal have examples of their
 * own).
 *
 * @param ours the candidate's answers @param theirs the champion's, in the same order
 * @param primary the interval of the metric that decides the verdict
 * @returns in the order of {@link qualityMetrics}; empty without examples
 */
export function compareMetrics(
  ours: MetricFacts,
  theirs: MetricFacts,
  primary: KnownInterval,
): MetricComparison[] {
  if (ours.examples.length === 0) return [];
  const task = ours.classes.length > 0 ? 'tabular-classification' : 'tabular-regression';
  return qualityMetrics
    .filter(({ tasks, needsOutOfDistribution }) => tasks.includes(task) && !needsOutOfDistribution)
    .flatMap((metric) => {
      const { name } = metric;
      const [candidate, champion] = [metric.measure(ours), metric.measure(theirs)];
      if (candidate === null || champion === null) return [];
      const known = name === primary.name ? primary : differenceInterval(metric, ours, theirs);
      const { low, high } = withWidth(known);
      return [{ name, candidate, champion, difference: candidate - champion, low, high }];
    });
}

const unknown = { low: null, high: null };

/** Differences that are all equal do not tell how much others differ: an interval without a width would claim that none does. */
function withWidth<Known extends Ends | typeof unknown>(known: Known): Known | typeof unknown {
  return known.low === known.high ? unknown : known;
}

/**
 * The 95 % interval of a metric's difference, by the way that suits it: added flips where answers decide and classes weigh alike, the
 * spread of each class where classes are ranked, the metric's own, the parts of the examples, or resampling.
 *
 * @returns null as the ends where there is no interval
 */
export function differenceInterval(
  { name, parts, byAnswers, byRankings, difference, reweigh }: QualityMetric,
  ours: MetricFacts,
  theirs: MetricFacts,
): Ends | typeof unknown {
  if (byAnswers) {
    const answers = answersOf(ours, theirs);
    return withWidth(answersDifference(byAnswers, answers, ours.classes.length));
  }
  if (difference) return withWidth(difference(ours, theirs) ?? unknown);
  if (parts && byRankings) {
    const labels = ours.examples.map(({ label }) => label);
    return withWidth(labelledDifference(differencesOf(parts, ours, theirs), labels));
  }
  if (parts) return withWidth(differenceBy({ name, parts }, ours, theirs));
  if (!reweigh) return unknown;
  return resampledDifference(
    { ours: reweigh(ours), theirs: reweigh(theirs) },
    ours.examples.length,
    createRandom(`comparison/${name}`),
  );
}

/** The answers of both to the examples of known classes. */
function answersOf(ours: MetricFacts, theirs: MetricFacts): AnswerPair[] {
  const places = new Map(ours.classes.map((name, index) => [name, index]));
  const placeOf = (name: string | undefined) => places.get(name ?? '') ?? -1;
  return ours.examples
    .map(({ label, predicted }, index) => ({
      ...{ truth: placeOf(label), ours: placeOf(predicted) },
      theirs: placeOf(theirs.examples[index]?.predicted),
    }))
    .filter((pair) => pair.truth >= 0 && pair.ours >= 0 && pair.theirs >= 0);
}

/** The difference of a metric that has parts, with its interval. @param level the significance, 0.05 if left out */
export function differenceBy(
  { name, parts }: Required<Pick<QualityMetric, 'name' | 'parts'>>,
  ours: MetricFacts,
  theirs: MetricFacts,
  level?: number,
): MeanDifference {
  const differences = differencesOf(parts, ours, theirs);
  return meanDifference(differences, createRandom(`comparison/${name}`), level);
}

function differencesOf(
  parts: (facts: MetricFacts) => readonly number[],
  ours: MetricFacts,
  theirs: MetricFacts,
): number[] {
  const before = parts(theirs);
  return parts(ours).map((part, index) => part - (before[index] ?? 0));
}

/** What the metrics of both models are measured from: first the candidate's answers, then the champion's. */
export function factsOfBoth(
  pairs: readonly Pair[],
  classes: readonly string[],
): readonly [MetricFacts, MetricFacts] {
  return [
    factsOf(pairs, classes, ({ candidate }) => candidate),
    factsOf(pairs, classes, ({ champion }) => champion),
  ];
}

/** What a metric is measured from. */
export function factsOf(
  pairs: readonly Pair[],
  classes: readonly string[],
  answerOf: (pair: Pair) => Prediction,
): MetricFacts {
  const examples = pairs.map((pair) => ({ ...answerOf(pair), label: pair.label }));
  return { examples, classes, outOfDistribution: null };
}
