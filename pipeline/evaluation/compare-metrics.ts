import { createRandom } from '../../platform/lib/random.ts';
import {
  type MetricFacts,
  type QualityMetric,
  qualityMetrics,
} from '../../platform/quality/index.ts';
import type { MetricComparison, Prediction } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';
import { jackknife } from './statistics/jackknife.ts';
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
  const { low, high } =
    differenceBy(metric, ours, theirs) ?? differenceByGroups(metric, ours, theirs) ?? none;
  return [{ name: metric.name, candidate, champion, difference: candidate - champion, low, high }];
}

const none = { low: null, high: null };

/** With fewer, an interval by groups says nothing. */
const fewestForGroups = 20;

/** The interval of a metric without parts; null for a few examples. */
function differenceByGroups(
  { measure }: QualityMetric,
  ours: MetricFacts,
  theirs: MetricFacts,
): { readonly low: number; readonly high: number } | null {
  if (ours.examples.length < fewestForGroups) return null;
  const both = ours.examples.map((our, index) => ({ our, their: theirs.examples[index] ?? our }));
  // Neighbours go to different groups, so each group has its share of every class.
  const ordered = both.sort((a, b) =>
    a.our.label < b.our.label ? -1 : Number(a.our.label > b.our.label),
  );
  return jackknife(
    ordered,
    (rows) =>
      (measure({ ...ours, examples: rows.map(({ our }) => our) }) ?? 0) -
      (measure({ ...theirs, examples: rows.map(({ their }) => their) }) ?? 0),
  );
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
