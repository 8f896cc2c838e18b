import type { Verdict } from '../../platform/schemas/index.ts';

const significance = 0.05;

/** How many differing answers a comparison keeps. */
export const flipsKept = 50;

/**
 * @param gain above 0 where the candidate is better. @param pValue two-sided
 * @param sensitive whether a difference that matters would have been seen
 */
export function verdictOf(gain: number, pValue: number, sensitive: boolean): Verdict {
  if (pValue < significance && gain !== 0) return gain > 0 ? 'better' : 'worse';
  return sensitive ? 'no detectable change' : 'cannot tell';
}

/** `p = 0.031`, `p < 0.0001` */
export function pText(pValue: number): string {
  return pValue < 0.0001 ? 'p < 0.0001' : `p = ${pValue.toPrecision(2)}`;
}
