import { normalQuantile } from './normal-quantile.ts';

/** The ends of an interval. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/**
 * Of each of two 90 % score intervals, one for where a threshold lies and one for what it yields: together they hold what the
 * threshold truly yields in 95 to 99 % of cases (bench/statistics).
 */
export const jointQuantile = normalQuantile(0.95);

/**
 * The score interval of a share (E. B. Wilson, JASA 22, 1927): right also for small counts and for shares near 0 and 1.
 *
 * @param hits whole number in [0, count] @param quantile of the normal distribution: 1.96 for a 95 % interval
 * @returns [0, 1] without any trial
 * @example scoreInterval(9, 10, 1.96) // { low: 0.5958…, high: 0.9821… }
 */
export function scoreInterval(hits: number, count: number, quantile: number): Ends {
  if (count === 0) return { low: 0, high: 1 };
  const share = hits / count;
  const square = quantile ** 2;
  const middle = (share + square / (2 * count)) / (1 + square / count);
  const spread = Math.sqrt((share * (1 - share)) / count + square / (4 * count ** 2));
  const half = (quantile * spread) / (1 + square / count);
  return {
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === count ? 1 : Math.min(1, middle + half),
  };
}
