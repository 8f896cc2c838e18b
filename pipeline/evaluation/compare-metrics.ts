import { createRandom } from '../../platform/lib/random.ts';
import {
  type MetricFacts,
  type QualityMetric,
  qualityMetrics,
} from '../../platform/quality/index.ts';
import type { MetricComparison, Prediction } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';
import { type MeanDifference, meanDifference } from './statistics/mean-difference.ts';

/**
 * Measures both models on the same examples by every metric that examples decide (those of refusal have examples of
 * their own).
 *
 * @param classes empty for regression @returns in the order of {@link qualityMetrics}
 */
export function compareMetrics(
  pairs: readonly Pair[],
  classes: readonly string[],
): MetricComparison[] {
  const task = classes.length > 0 ? 'tabular-classification' : 'tabular-regression';
  const ours = factsOf(pairs, classes, ({ candidate }) => candidate);
  const theirs = factsOf(pairs, classes, ({ champion }) => champion);
  return qualityMetrics
    .filter(({ tasks, needsOutOfDistribution }) => tasks.includes(task) && !needsOutOfDistribution)
    .flatMap((metric) => compareBy(metric, ours, theirs));
}

function compareBy(
  metric: QualityMetric,
  ours: MetricFacts,
  theirs: MetricFacts,
): MetricComparison[] {
  const [candidate, champion] = [metric.measure(ours), metric.measure(theirs)];
  if (candidate === null || champion === null || ours.examples.length === 0) return [];
  const { name } = metric;
  const difference = candidate - champion;
  const found = differenceBy(metric, ours, theirs);
  const interval = found ? { low: found.low, high: found.high } : { low: null, high: null };
  return [{ name, candidate, champion, difference, ...interval }];
}

/** The difference of a metric with its interval; null for a metric without parts. */
export function differenceBy(
  { name, parts }: QualityMetric,
  ours: MetricFacts,
  theirs: MetricFacts,
): MeanDifference | null {
  if (!parts) return null;
  const before = parts(theirs);
  const differences = parts(ours).map((part, index) => part - (before[index] ?? 0));
  return meanDifference(differences, createRandom(`comparison/${name}`));
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
