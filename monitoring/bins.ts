import type { ProfileBins } from '../platform/schemas/index.ts';

/** Values of the label `bin`, in order: a number's upper edges and `+Inf`, or the categories. */
export function binNames(bins: ProfileBins): string[] {
  const names = bins.edges.map(String);
  return bins.kind === 'number' ? [...names, '+Inf'] : names;
}

/** Value of the label `bin` for a number that is not there. */
export const missingBin = 'missing';
