import { normal975 } from './normal.ts';

/** A difference with its 95 % interval. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The difference of two paired shares, (fixed − broken) / count, with the 95 % interval of Bonett and Price
 * (Statistics in Medicine 31, 2012; recommended by Fagerland, Lydersen and Laake, 2014): Wald with one flip
 * of each kind added, so that the interval has a width even without a flip.
 *
 * @param fixed how many of the `count` examples became right @param broken how many became wrong
 * @returns without examples the interval [−1, 1]
 * @example pairedDifference(6, 0, 100) // { value: 0.06, low: 0.0056…, high: 0.1119… }
 */
export function pairedDifference(fixed: number, broken: number, count: number): Difference {
  if (count === 0) return { value: 0, low: -1, high: 1 };
  const up = (fixed + 1) / (count + 2);
  const down = (broken + 1) / (count + 2);
  const half = normal975 * Math.sqrt((up + down - (up - down) ** 2) / (count + 2));
  return {
    value: (fixed - broken) / count,
    low: Math.max(-1, up - down - half),
    high: Math.min(1, up - down + half),
  };
}

/** Fewest flips, all one way, that the exact test calls significant at 5 %. */
const fewestFlips = 6;

/**
 * The smallest difference of accuracy that could have been significant with so many examples and so many
 * flips: 1.96 · √flips / count, but at least 6 / count and at most 1.
 *
 * @example minimumDetectable(4, 100) // 0.06
 * @example minimumDetectable(25, 100) // 0.0979…
 */
export function minimumDetectable(flips: number, count: number): number {
  if (count === 0) return 1;
  return Math.min(1, Math.max(fewestFlips, normal975 * Math.sqrt(flips)) / count);
}
