import { foldSimilar } from '../lib/look-alikes.ts';
import { parseNumber } from './cell.ts';

/**
 * Sets of values that differ only in how they are written: numbers (`1`, `1.0`), capitals, blanks, letters whose accent is
 * a character of its own, and letters of other scripts that look the same.
 *
 * @example findSpellings(['0', '1', '0.0', 'Yes', 'yes']) // [['0', '0.0'], ['Yes', 'yes']]
 */
export function findSpellings(values: readonly string[]): string[][] {
  const groups = Map.groupBy(new Set(values), plainForm);
  return [...groups.values()].filter((spellings) => spellings.length > 1);
}

function plainForm(value: string): string {
  const number = parseNumber(value);
  // Longer numbers may be names whose last digits do not fit into a number.
  if (number !== null && value.length <= 15) return String(number === 0 ? 0 : number);
  return foldSimilar(value.replace(/\s+/g, ' '));
}
