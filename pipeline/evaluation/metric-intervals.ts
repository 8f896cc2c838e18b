import { createRandom } from '../../platform/lib/random.ts';
import {
  accuracy,
  fewestForMeans,
  findMetric,
  type MetricFacts,
} from '../../platform/quality/index.ts';
import type { Metric, MetricInterval } from '../../platform/schemas/index.ts';
import { meanDifference } from './statistics/mean-difference.ts';
import { wilson } from './statistics/wilson.ts';

/**
 * The 95 % intervals of metrics that were measured: Wilson's of the accuracy, of others one of the metric's own, or that of the mean
 * of the examples' parts, cut to what the metric can be.
 *
 * @returns null as the ends where a metric has neither, where the examples are too few, or where they say nothing of how far off
 *   the value may be because all have the same part (all are right)
 */
export function metricIntervals(metrics: readonly Metric[], facts: MetricFacts): MetricInterval[] {
  return metrics.map(({ name, value }) => ({ name, value, ...intervalOf(name, facts) }));
}

function intervalOf(name: string, facts: MetricFacts): Pick<MetricInterval, 'low' | 'high'> {
  const { parts: partsOf, interval, range: [least, greatest] = [] } = findMetric(name) ?? {};
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
  const { low, high, error } = meanDifference(parts, createRandom(`interval/${name}`));
  if (!Number.isFinite(low) || !Number.isFinite(high) || error === 0) return none;
  return { low: Math.max(least ?? low, low), high: Math.min(greatest ?? high, high) };
}

const none = { low: null, high: null };
