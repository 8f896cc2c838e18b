import type { Random } from '../../platform/lib/random.ts';
import { type QualityMetric, qualityMetrics } from '../../platform/quality/index.ts';
import type { Comparison } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';

type MetricDifference = Comparison['metrics'][number];

/** So many examples are drawn in all: where a test split is large, fewer samples of it. */
const mostDrawn = 1_000_000;
const [fewestResamples, mostResamples] = [200, 1000];

/**
 * The other metrics of both models on the examples that both answered, each difference with its 95 % percentile
 * bootstrap interval (Efron, 1979): pairs are drawn together, and within each class.
 *
 * @param primary the metric that has a test of its own @param classes empty for regression
 * @param random decides the draws
 * @returns without pairs nothing; metrics that need more than answers are left out
 */
export function metricDifferences(
  pairs: readonly Pair[],
  primary: string,
  classes: readonly string[],
  random: Random,
): MetricDifference[] {
  if (pairs.length === 0) return [];
  const task = classes.length > 0 ? 'tabular-classification' : 'tabular-regression';
  const metrics = qualityMetrics.filter(
    ({ name, tasks, needsOutOfDistribution }) =>
      name !== primary && tasks.includes(task) && !needsOutOfDistribution,
  );
  const strata = [...Map.groupBy(pairs, ({ label }) => (classes.length > 0 ? label : '')).values()];
  const rounds = Math.round(mostDrawn / pairs.length);
  const resamples = Math.min(mostResamples, Math.max(fewestResamples, rounds));
  const draws = Array.from({ length: resamples }, () =>
    strata.flatMap((rows) => rows.flatMap(() => rows[random.int(rows.length)] ?? [])),
  );
  return metrics.flatMap((metric) => differenceOf(metric, { pairs, draws, classes }) ?? []);
}

interface Samples {
  readonly pairs: readonly Pair[];
  readonly draws: readonly (readonly Pair[])[];
  readonly classes: readonly string[];
}

function differenceOf(
  metric: QualityMetric,
  { pairs, draws, classes }: Samples,
): MetricDifference | null {
  const value = (rows: readonly Pair[], model: 'candidate' | 'champion') => {
    const examples = rows.map(({ label, [model]: { predicted, probabilities } }) => ({
      label,
      predicted,
      probabilities,
    }));
    return metric.measure({ examples, classes, outOfDistribution: null });
  };
  const [candidate, champion] = [value(pairs, 'candidate'), value(pairs, 'champion')];
  if (candidate === null || champion === null) return null;
  const differences = draws
    .map((rows) => (value(rows, 'candidate') ?? 0) - (value(rows, 'champion') ?? 0))
    .sort((a, b) => a - b);
  const edge = Math.floor(draws.length * 0.025);
  const difference = candidate - champion;
  return {
    ...{ name: metric.name, candidate, champion, difference },
    low: differences[edge] ?? difference,
    high: differences.at(-1 - edge) ?? difference,
  };
}
