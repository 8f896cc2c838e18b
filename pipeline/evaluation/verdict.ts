import type { Verdict } from '../../platform/schemas/index.ts';

const significance = 0.05;

/** How many differing answers a comparison keeps. */
export const flipsKept = 50;

/**
 * The verdict of a paired test.
 *
 * @param gain above 0 where the candidate is better @param pValue two-sided
 * @param sensitive whether a difference that matters would have been seen
 * @example verdictOf(0.02, 0.01, true) // 'better'
 * @example verdictOf(0.02, 0.3, false) // 'cannot tell'
 */
export function verdictOf(gain: number, pValue: number, sensitive: boolean): Verdict {
  if (pValue < significance && gain !== 0) return gain > 0 ? 'better' : 'worse';
  return sensitive ? 'no detectable change' : 'cannot tell';
}
