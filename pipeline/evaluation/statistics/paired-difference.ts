import { criticalScore, pairedPValue, pairedScore } from './paired-score.ts';

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

/** So many halvings are as exact as the numbers. */
const halvings = 50;

/**
 * The difference of two paired shares, (fixed − broken) / count, with Tango's score interval (Statistics in Medicine 17, 1998;
 * recommended by Newcombe and by Fagerland, Lydersen and Laake): the differences from which the one that was found is not further away
 * than chance takes it, each with the spread that it would have itself. So it is also right where all flips are of one kind, or
 * none is. How far is too far decides the exact unconditional test of equal models, so that the verdict, the interval and the p-value
 * always agree and no more than `level` of equal models seem to differ.
 *
 * @param fixed how many of the `count` examples became right @param broken how many became wrong
 * @param level the significance; the interval is of 1 − this @default 0.05
 * @returns without examples the interval [−1, 1]
 * @example pairedDifference(6, 0, 100) // { value: 0.06, low: 0.0191…, high: 0.1265…, pValue: 0.0164… }
 */
export function pairedDifference(
  fixed: number,
  broken: number,
  count: number,
  level = significance,
): Difference {
  if (count === 0) return { value: 0, low: -1, high: 1, pValue: 1 };
  const score = pairedScore(fixed, broken);
  const critical = criticalScore(count, level);
  const value = (fixed - broken) / count;
  const isWithin = (difference: number) =>
    Math.abs(scoreAt(difference, fixed, broken, count)) <= critical;
  const [low, high] = [edge(value, -1, isWithin), edge(value, 1, isWithin)];
  const unseen = score <= critical;
  return {
    value,
    low: unseen ? Math.min(0, low) : low,
    high: unseen ? Math.max(0, high) : high,
    pValue: pairedPValue(count, score),
  };
}

/** How many standard deviations the flips are from those of a true difference, with the most likely share of broken ones under it. */
function scoreAt(difference: number, fixed: number, broken: number, count: number): number {
  const away = fixed - broken - count * difference;
  const linear = (2 * count - fixed + broken) * difference - fixed - broken;
  const constant = -broken * difference * (1 - difference);
  const root = Math.sqrt(Math.max(0, linear ** 2 - 8 * count * constant));
  const down = (root - linear) / (4 * count);
  const variance = count * (2 * down + difference * (1 - difference));
  // Without any spread nothing but this very difference can be found.
  if (!(variance > 0)) return away === 0 ? 0 : Math.sign(away) * Number.POSITIVE_INFINITY;
  return away / Math.sqrt(variance);
}

/** The furthest difference on the way to an end that is still within. */
function edge(from: number, end: number, isWithin: (difference: number) => boolean): number {
  if (isWithin(end)) return end;
  let [inside, outside] = [from, end];
  for (let step = 0; step < halvings; step++) {
    const middle = (inside + outside) / 2;
    if (isWithin(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** The standard error of a paired difference with one flip of each kind added (Bonett and Price, Statistics in Medicine 31, 2012). */
export function pairedError(fixed: number, broken: number, count: number): number {
  const up = (fixed + 1) / (count + 2);
  const down = (broken + 1) / (count + 2);
  return Math.sqrt((up + down - (up - down) ** 2) / (count + 2));
}
