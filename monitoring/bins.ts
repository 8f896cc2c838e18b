import type { ProfileBins } from '../platform/schemas/index.ts';

/**
 * Values of the label `bin`, in order: the upper edges of a number's bins and `+Inf`, or the categories.
 *
 * @example binNames({ kind: 'number', name: 'brightness', edges: [0.2, 0.6], ratios: [0.1, 0.8, 0.1] })
 * // ['0.2', '0.6', '+Inf']
 */
export function binNames(bins: ProfileBins): string[] {
  const names = bins.edges.map(String);
  return bins.kind === 'number' ? [...names, '+Inf'] : names;
}

/** Value of the label `bin` for a missing number. */
export const missingBin = 'missing';
