import {
  classSpread,
  degreesOf,
  type Ends,
  studentQuantile,
} from '../../../platform/quality/index.ts';

/**
 * The 95 % interval of the mean of differences that spread by class, and most in the rare ones: each class is asked for its own
 * spread, and Student's t has as many degrees of freedom as their few examples give.
 *
 * @param differences candidate − champion, one per example @param labels their classes
 * @returns both ends equal where all differences are; without differences the interval (−∞, ∞)
 */
export function labelledDifference(
  differences: readonly number[],
  labels: readonly string[],
): Ends {
  const all = differences.length;
  if (all === 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const mean = differences.reduce((sum, value) => sum + value, 0) / all;
  const spread = classSpread(differences, labels);
  if (!(spread.squares > 0)) return { low: mean, high: mean };
  const half = (studentQuantile(0.025, degreesOf([spread])) * Math.sqrt(spread.squares)) / all;
  return { low: mean - half, high: mean + half };
}
