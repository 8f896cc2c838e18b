import { normalQuantile } from './normal-quantile.ts';

/** How many examples fell into each bin, once in the reference data and once in what is compared with it. */
export interface BinnedCounts {
  /** The same bins in the same order; at least two. */
  readonly reference: readonly number[];
  readonly live: readonly number[];
}

/**
 * The population stability index Σ (live − reference) · ln(live / reference) over the shares of the bins. Half an
 * example more counts in every bin on both sides, so that an empty one is not infinitely far away.
 *
 * @example stabilityIndex({ reference: [500, 300, 200], live: [30, 30, 40] }) // 0.2384…
 */
export function stabilityIndex({ reference, live }: BinnedCounts): number {
  const [expected, found] = [sharesOf(reference), sharesOf(live)];
  return found.reduce((sum, share, bin) => {
    const other = expected[bin] ?? share;
    return sum + (share - other) * Math.log(share / other);
  }, 0);
}

/**
 * The total variation distance ½ Σ |live − reference| over the same shares: at least so large a share of the live examples is not as
 * the reference.
 *
 * @example totalVariation({ reference: [500, 300, 200], live: [30, 30, 40] }) // 0.1970…
 */
export function totalVariation({ reference, live }: BinnedCounts): number {
  const [expected, found] = [sharesOf(reference), sharesOf(live)];
  return found.reduce((sum, share, bin) => sum + Math.abs(share - (expected[bin] ?? share)) / 2, 0);
}

/**
 * What the index stays below without any drift, except in a share of all comparisons: the quantile of
 * χ²(bins − 1) · (1 / live + 1 / reference), with Wilson and Hilferty's approximation of χ².
 *
 * @param falseAlarms share of comparisons that may pass the bound by chance, in (0, 0.5)
 * @see docs/decisions/0009-drift-with-sampling-noise.md
 * @example stabilityBound({ reference: [500, 300, 200], live: [30, 30, 40] }, 0.01) // 0.1014…
 */
export function stabilityBound({ reference, live }: BinnedCounts, falseAlarms: number): number {
  const degrees = reference.length - 1;
  const part = 2 / (9 * degrees);
  const chiSquare = degrees * (1 - part - normalQuantile(falseAlarms) * Math.sqrt(part)) ** 3;
  return chiSquare * (1 / Math.max(total(live), 1) + 1 / total(reference));
}

function sharesOf(counts: readonly number[]): number[] {
  const all = total(counts) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / all);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
