import type { ProfileBins } from '../schemas/index.ts';
import { parseNumber } from './cell.ts';

/**
 * Finds the bin that a value falls into. A number's bins are (−∞, e₀], (e₀, e₁], …, (eₖ, ∞): one more than edges,
 * the first and last catching what lies below and above the reference data. A category's bins are its
 * values, then `other`.
 *
 * @returns the index into `ratios`, or null for a missing number.
 * @example binOf({ name: 'mass', kind: 'number', edges: [1, 2], ratios: [] }, 1.5) // 1
 */
export function binOf(bins: ProfileBins, value: number | string | null): number | null {
  return bins.kind === 'number' ? numberBin(bins, value) : categoryBin(bins, value);
}

function numberBin(bins: ProfileBins, value: number | string | null): number | null {
  const number = typeof value === 'string' ? parseNumber(value) : value;
  if (number === null || Number.isNaN(number)) return null;
  const index = bins.edges.findIndex((edge) => number <= Number(edge));
  return index === -1 ? bins.edges.length : index;
}

function categoryBin(bins: ProfileBins, value: number | string | null): number {
  const other = bins.edges.length - 1;
  const index = bins.edges.indexOf(value === null ? '' : String(value));
  return index === -1 ? other : index;
}
