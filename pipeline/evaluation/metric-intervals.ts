import { createRandom } from '../../platform/lib/random.ts';
import {
  accuracy,
  fewestForMeans,
  findMetric,
  type MetricFacts,
} from '../../platform/quality/index.ts';
import type { Metric, MetricInterval } from '../../platform/schemas/index.ts';
import { lossesMean, meanDifference } from './statistics/mean-difference.ts';
import { wilson } from './statistics/wilson.ts';

/**
 * The 95 % intervals of metrics that were measured: Wilson's of the accuracy, of others one of the metric's own, Hall's of
 * the mean of losses, or that of the mean of the examples' parts, cut to what the metric can be.
 *
 * @returns null as the ends where a metric has neither, where the examples are too few, or where they say nothing of how far off
 *   the value may be because all have the same part (all are right)
 */
export function metricIntervals(metrics: readonly Metric[], facts: MetricFacts): MetricInterval[] {
  return metrics.map(({ name, value }) => ({ name, value, ...intervalOf(name, facts) }));
}

function intervalOf(name: string, facts: MetricFacts): Pick<MetricInterval, 'low' | 'high'> {
  const { parts: partsOf, byLosses, interval, range = [] } = findMetric(name) ?? {};
  const [least, greatest] = range;
  if (interval) {
    const own = interval(facts);
    return own ? { low: own.low, high: own.high } : none;
  }
  const parts = partsOf?.(facts) ?? [];
  const count = parts.length;
  if (name === accuracy.name) {
    const { low, high } = wilson(parts.filter((part) => part === 1).length, count);
    return { low, high };
  }
  if (count < fewestForMeans) return none;
  const { low, high } = byLosses ? lossesMean(parts) : spanOf(name, parts);
  if (low === null || high === null) return none;
  return { low: Math.max(least ?? low, low), high: Math.min(greatest ?? high, high) };
}

/** Where parts are influences, which may be skewed in either way. */
function spanOf(name: string, parts: readonly number[]) {
  const { low, high, error } = meanDifference(parts, createRandom(`interval/${name}`));
  return Number.isFinite(low) && Number.isFinite(high) && error > 0 ? { low, high } : none;
}

const none = { low: null, high: null };
