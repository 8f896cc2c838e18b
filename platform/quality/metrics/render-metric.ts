import {
  renderDifference,
  renderNumber,
  renderPercent,
  renderPoints,
} from '../../lib/render-number.ts';
import { findMetric } from './index.ts';

/**
 * A metric's name for people; the name itself where this version does not know it.
 *
 * @example metricLabel('mae') // 'mean absolute error'
 */
export function metricLabel(name: string): string {
  return findMetric(name)?.label ?? name;
}

/**
 * A metric's value: shares in percent, numbers with four significant digits.
 *
 * @example renderMetric('accuracy', 0.951) // '95.1 %'
 * @example renderMetric('mae', 12.34567) // '12.35'
 */
export function renderMetric(name: string, value: number): string {
  return isShare(name) ? renderPercent(value) : renderNumber(value);
}

/**
 * A metric's difference with its sign: shares in percentage points.
 *
 * @example renderMetricDifference('accuracy', -0.012) // '−1.2 pp'
 */
export function renderMetricDifference(name: string, value: number): string {
  return isShare(name) ? renderPoints(value) : renderDifference(value);
}

/**
 * The interval of a metric's difference, the unit once.
 *
 * @example renderMetricInterval('accuracy', { low: -0.012, high: 0.03 }) // '−1.2 … +3.0 pp'
 */
export function renderMetricInterval(
  name: string,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  return `${renderMetricDifference(name, low).replace(/ pp$/, '')} … ${renderMetricDifference(name, high)}`;
}

/**
 * The interval of a metric's value, the unit once.
 *
 * @example renderMetricRange('accuracy', { low: 0.931, high: 0.989 }) // '93.1 … 98.9 %'
 */
export function renderMetricRange(
  name: string,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  return `${renderMetric(name, low).replace(/ %$/, '')} … ${renderMetric(name, high)}`;
}

/**
 * A metric's value with its interval, where it has one.
 *
 * @example renderMetricWithin('accuracy', 0.96, { low: 0.931, high: 0.989 }) // '96.0 % (93.1 … 98.9 %)'
 */
export function renderMetricWithin(
  name: string,
  value: number,
  interval: { readonly low: number; readonly high: number } | undefined,
): string {
  const shown = renderMetric(name, value);
  return interval ? `${shown} (${renderMetricRange(name, interval)})` : shown;
}

function isShare(name: string): boolean {
  return findMetric(name)?.format === 'share';
}
