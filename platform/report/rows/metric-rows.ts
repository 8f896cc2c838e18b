import type { Comparison, Metric, MetricComparison } from '../../schemas/index.ts';
import type { MetricRow } from '../report.ts';

/**
 * The candidate's metrics beside the champion's. What was compared shows both on the same examples, with the paired
 * interval; what was not (how inputs are refused) shows each on its own.
 */
export function metricRows(
  candidate: readonly Metric[],
  champion: readonly Metric[] | null,
  comparison: Comparison | null,
): MetricRow[] {
  return candidate.map(({ name, value, better }) => {
    const compared = comparison?.metrics.find((metric) => metric.name === name);
    if (compared) return { better, ...comparedRow(compared) };
    const before = champion?.find((metric) => metric.name === name)?.value ?? null;
    const difference = before === null ? null : value - before;
    const unknown = { interval: null, significant: null };
    return { name, better, champion: before, candidate: value, difference, ...unknown };
  });
}

function comparedRow({ name, candidate, champion, difference, low, high }: MetricComparison) {
  const shown = { name, candidate, champion, difference };
  if (low === null || high === null) return { ...shown, interval: null, significant: null };
  return { ...shown, interval: { low, high }, significant: low > 0 || high < 0 };
}
