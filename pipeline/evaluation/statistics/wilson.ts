import { normal975, scoreInterval } from '../../../platform/quality/index.ts';
import type { Proportion } from '../../../platform/schemas/index.ts';

/**
 * A share with its 95 % score interval (E. B. Wilson, JASA 22, 1927): right also for small counts and for
 * shares near 0 and 1. Without any trial the interval is [0, 1] and the share 0.
 *
 * @param hits whole number in [0, count]
 * @example wilson(9, 10) // { value: 0.9, low: 0.5958…, high: 0.9821…, count: 10 }
 */
export function wilson(hits: number, count: number): Proportion {
  const { low, high } = scoreInterval(hits, count, normal975);
  return { value: count === 0 ? 0 : hits / count, low, high, count };
}
