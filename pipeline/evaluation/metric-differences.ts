import {
  type QualityMetric,
  qualityMetrics,
  type TestExample,
} from '../../platform/quality/index.ts';
import type { Comparison } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';
import { jackknife } from './statistics/jackknife.ts';

type MetricDifference = Comparison['metrics'][number];

/** With fewer, an interval by groups says nothing. */
const fewestPairs = 20;

/**
 * The other metrics of both models on the examples that both answered, each difference with its 95 % interval.
 *
 * @param primary the metric that has a test of its own @param classes empty for regression
 * @returns metrics that need more than answers are left out
 */
export function metricDifferences(
  pairs: readonly Pair[],
  primary: string,
  classes: readonly string[],
): MetricDifference[] {
  if (pairs.length < fewestPairs) return [];
  const task = classes.length > 0 ? 'tabular-classification' : 'tabular-regression';
  const metrics = qualityMetrics.filter(
    ({ name, tasks, needsOutOfDistribution }) =>
      name !== primary && tasks.includes(task) && !needsOutOfDistribution,
  );
  // Neighbours go to different groups, so each group has its share of every class.
  const ordered = pairs.toSorted((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  const both = ordered.map(({ label, candidate, champion }) => ({
    candidate: exampleOf(label, candidate),
    champion: exampleOf(label, champion),
  }));
  return metrics.flatMap((metric) => differenceOf(metric, both, classes) ?? []);
}

type Answers = Readonly<Record<'candidate' | 'champion', TestExample>>;

function exampleOf(label: string, { predicted, probabilities }: Pair['candidate']): TestExample {
  return { label, predicted, probabilities };
}

function differenceOf(
  metric: QualityMetric,
  pairs: readonly Answers[],
  classes: readonly string[],
): MetricDifference | null {
  const value = (rows: readonly Answers[], model: keyof Answers) =>
    metric.measure({
      examples: rows.map((row) => row[model]),
      ...{ classes, outOfDistribution: null },
    });
  const [candidate, champion] = [value(pairs, 'candidate'), value(pairs, 'champion')];
  if (candidate === null || champion === null) return null;
  const { low, high } = jackknife(
    pairs,
    (rows) => (value(rows, 'candidate') ?? 0) - (value(rows, 'champion') ?? 0),
  );
  return { name: metric.name, candidate, champion, difference: candidate - champion, low, high };
}
