import type { Proportion } from '../../../platform/schemas/index.ts';
import { normal975 } from './normal.ts';

/**
 * A share with its 95 % score interval (E. B. Wilson, JASA 22, 1927): right also for small counts and for
 * shares near 0 and 1. Without any trial the interval is [0, 1] and the share 0.
 *
 * @param hits whole number in [0, count]
 * @example wilson(9, 10) // { value: 0.9, low: 0.5958…, high: 0.9821…, count: 10 }
 */
export function wilson(hits: number, count: number): Proportion {
  if (count === 0) return { value: 0, low: 0, high: 1, count };
  const share = hits / count;
  const square = normal975 ** 2;
  const middle = (share + square / (2 * count)) / (1 + square / count);
  const spread = Math.sqrt((share * (1 - share)) / count + square / (4 * count ** 2));
  const half = (normal975 * spread) / (1 + square / count);
  return {
    value: share,
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === count ? 1 : Math.min(1, middle + half),
    count,
  };
}
