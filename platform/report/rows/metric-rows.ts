import type { Comparison, Metric } from '../../schemas/index.ts';
import type { MetricRow } from '../report.ts';

const significance = 0.05;

/**
 * The candidate's metrics beside the champion's. The metric that was compared example by example shows the
 * champion on those examples, with the paired interval.
 */
export function metricRows(
  candidate: readonly Metric[],
  champion: readonly Metric[] | null,
  comparison: Comparison | null,
): MetricRow[] {
  return candidate.map(({ name, value, better }) => {
    if (comparison?.metric === name && comparison.examples > 0) {
      return comparedRow({ name, value, better }, comparison);
    }
    const before = champion?.find((metric) => metric.name === name)?.value ?? null;
    const difference = before === null ? null : value - before;
    const unknown = { interval: null, significant: null };
    return { name, better, champion: before, candidate: value, difference, ...unknown };
  });
}

function comparedRow({ name, value, better }: Metric, comparison: Comparison): MetricRow {
  const { champion, difference, low, high, pValue } = comparison;
  return {
    ...{ name, better, champion, difference },
    candidate: value,
    interval: { low, high },
    significant: pValue < significance,
  };
}
