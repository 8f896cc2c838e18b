import { differenceText, numberText, percentText, pointsText } from '../../lib/number-text.ts';
import { findMetric } from './index.ts';

/** A metric's name for people; the name itself where this version does not know it. */
export function metricLabel(name: string): string {
  return findMetric(name)?.label ?? name;
}

/** A metric's value: shares in percent, numbers with four significant digits. */
export function metricText(name: string, value: number): string {
  return isShare(name) ? percentText(value) : numberText(value);
}

/** A metric's difference with its sign: shares in percentage points. */
export function metricDifferenceText(name: string, value: number): string {
  return isShare(name) ? pointsText(value) : differenceText(value);
}

function isShare(name: string): boolean {
  return findMetric(name)?.format === 'share';
}
