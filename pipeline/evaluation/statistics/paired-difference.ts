import { normalQuantile, normalTail } from '../../../platform/quality/index.ts';
import { mcnemar } from './mcnemar.ts';

/** A difference with its 95 % interval and the two-sided p-value that belongs to it. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Below 0.05, or the level asked for, exactly where the interval leaves out 0. */
  readonly pValue: number;
}

/** The significance of a comparison; its interval is of 1 − this. */
export const significance = 0.05;

/**
 * The difference of two paired shares, (fixed − broken) / count, with the 95 % interval of Bonett and Price
 * (Statistics in Medicine 31, 2012; recommended by Fagerland, Lydersen and Laake, 2014): Wald with one flip
 * of each kind added, so that the interval has a width even without a flip. Where the exact McNemar test sees nothing,
 * the interval reaches to 0; the p-value is the larger of the two, so that all three always agree.
 *
 * @param fixed how many of the `count` examples became right @param broken how many became wrong
 * @param level the significance; the interval is of 1 − this @default 0.05
 * @returns without examples the interval [−1, 1]
 * @example pairedDifference(6, 0, 100) // { value: 0.06, low: 0.0056…, high: 0.1119…, pValue: 0.03125 }
 */
export function pairedDifference(
  fixed: number,
  broken: number,
  count: number,
  level = significance,
): Difference {
  if (count === 0) return { value: 0, low: -1, high: 1, pValue: 1 };
  const up = (fixed + 1) / (count + 2);
  const down = (broken + 1) / (count + 2);
  const error = pairedError(fixed, broken, count);
  const half = normalQuantile(1 - level / 2) * error;
  const exact = mcnemar(fixed, broken);
  const unseen = exact >= level;
  const low = Math.max(-1, up - down - half);
  const high = Math.min(1, up - down + half);
  return {
    value: (fixed - broken) / count,
    low: unseen ? Math.min(0, low) : low,
    high: unseen ? Math.max(0, high) : high,
    pValue: Math.max(exact, normalTail((up - down) / error)),
  };
}

/** The standard error of {@link pairedDifference}, with one flip of each kind added. */
export function pairedError(fixed: number, broken: number, count: number): number {
  const up = (fixed + 1) / (count + 2);
  const down = (broken + 1) / (count + 2);
  return Math.sqrt((up + down - (up - down) ** 2) / (count + 2));
}
