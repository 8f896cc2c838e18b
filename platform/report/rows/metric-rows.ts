import { findMetric } from '../../quality/index.ts';
import type { Comparison, GateResult, Metric, MetricInterval } from '../../schemas/index.ts';
import type { MetricRow } from '../report.ts';

/** What metrics are shown beside. */
export interface MetricContext {
  readonly champion: readonly Metric[] | null;
  readonly comparison: Comparison | null;
  readonly gates: readonly GateResult[];
  /** Of the candidate's values. */
  readonly intervals: readonly MetricInterval[];
}

/**
 * The candidate's metrics beside the champion's, each with the gates that are about it. A metric that was compared
 * example by example shows both models on those examples, with the paired interval; the other rows show each model on its
 * whole test split.
 */
export function metricRows(candidate: readonly Metric[], context: MetricContext): MetricRow[] {
  const { champion, gates, intervals } = context;
  return candidate.map((metric) => {
    const { name, value, better } = metric;
    const before = champion?.find((other) => other.name === name)?.value ?? null;
    return {
      ...{ name, better, champion: before, candidate: value },
      difference: before === null ? null : value - before,
      ...{ interval: null, significant: null },
      ...paired(name, context.comparison),
      ...ownInterval(intervals, name),
      gates: gates.flatMap(({ of, limit, passed }) =>
        of === name && limit !== undefined ? [{ limit, passed }] : [],
      ),
    };
  });
}

function ownInterval(intervals: readonly MetricInterval[], of: string): Pick<MetricRow, 'own'> {
  const found = intervals.find(({ name }) => name === of);
  if (!found || found.low === null || found.high === null) return {};
  return { own: { low: found.low, high: found.high } };
}

/** Where the best of several was chosen, a gain counts only with the verdict that is corrected for it. */
function isGainShown(comparison: Comparison | null): boolean {
  return comparison?.chosen === undefined || comparison.verdict === 'better';
}

/** What the examples that both answered say of a metric; nothing where they do not. */
function paired(name: string, comparison: Comparison | null): Partial<MetricRow> {
  const found = comparison?.metrics.find((metric) => metric.name === name);
  if (!found) return {};
  const { candidate, champion, difference, low, high } = found;
  if (low === null || high === null) return { candidate, champion, difference };
  const interval = { low, high };
  const isGain = findMetric(name)?.better === 'lower' ? high < 0 : low > 0;
  const significant = isGain ? isGainShown(comparison) : low > 0 || high < 0;
  return { candidate, champion, difference, interval, significant };
}
