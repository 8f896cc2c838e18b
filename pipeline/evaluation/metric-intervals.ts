import { createRandom } from '../../platform/lib/random.ts';
import { accuracy, findMetric, type MetricFacts } from '../../platform/quality/index.ts';
import type { Metric, MetricInterval } from '../../platform/schemas/index.ts';
import { meanDifference } from './statistics/mean-difference.ts';
import { wilson } from './statistics/wilson.ts';

/** With fewer examples rare large errors make false alarms (decision 0008). */
const fewestForMeans = 60;

/**
 * The 95 % intervals of metrics that were measured: Wilson's of the accuracy, of others that of the mean of the examples' parts.
 *
 * @returns null as the ends where a metric has no parts, or where the examples are too few
 */
export function metricIntervals(metrics: readonly Metric[], facts: MetricFacts): MetricInterval[] {
  return metrics.map(({ name, value }) => ({ name, value, ...intervalOf(name, facts) }));
}

function intervalOf(name: string, facts: MetricFacts): Pick<MetricInterval, 'low' | 'high'> {
  const parts = findMetric(name)?.parts?.(facts) ?? [];
  const count = parts.length;
  if (name === accuracy.name) {
    const { low, high } = wilson(parts.filter((part) => part === 1).length, count);
    return { low, high };
  }
  if (count < fewestForMeans) return { low: null, high: null };
  const { low, high } = meanDifference(parts, createRandom(`held back/${name}`));
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : { low: null, high: null };
}
