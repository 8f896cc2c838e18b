import type { Ends } from './score-interval.ts';

/** Something estimated, with the ends of its interval. */
export interface Estimate extends Ends {
  readonly value: number;
  /** The value without what it gains by chance, from which the low end is measured; the value itself if left out. */
  readonly sober?: number;
}

/**
 * The interval of a mean from those of its members (G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008): right also where
 * the members are shares of few examples each, whose intervals are lopsided.
 *
 * @param estimates of values in [0, 1]
 * @param together how much larger the variance of the mean is than it would be if the members did not move together
 * @example meanInterval([{ value: 0.5, low: 0.3, high: 0.6 }, { value: 0.7, low: 0.4, high: 0.8 }]) // { low: 0.4197…, high: 0.6707… }
 */
export function meanInterval(estimates: readonly Estimate[], together = 1): Ends {
  const count = estimates.length;
  const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / count;
  const length = (distances: readonly number[]) =>
    (Math.sqrt(together) * Math.hypot(...distances)) / count;
  const value = meanOf(estimates.map((one) => one.value));
  const sober = meanOf(estimates.map((one) => one.sober ?? one.value));
  const below = estimates.map((one) => Math.max(0, (one.sober ?? one.value) - one.low));
  const above = estimates.map((one) => one.high - one.value);
  return {
    low: Math.max(0, Math.min(value, sober - length(below))),
    high: Math.min(1, value + length(above)),
  };
}

/**
 * How much larger the variance of a sum is than the sum of its members' variances: one wrong answer counts against two classes.
 *
 * @param influences of each example on each member, one array a member
 * @returns at least 1
 */
export function togetherness(influences: readonly ArrayLike<number>[]): number {
  const [first] = influences;
  let [whole, apart] = [0, 0];
  for (let index = 0; index < (first?.length ?? 0); index++) {
    let sum = 0;
    for (const influence of influences) {
      const here = influence[index] ?? 0;
      sum += here;
      apart += here * here;
    }
    whole += sum * sum;
  }
  return apart > 0 ? Math.max(1, whole / apart) : 1;
}
