import { parseNumber } from './cell.ts';

/**
 * Sets of values that differ only in how they are written: numbers (`1`, `1.0`), capitals, blanks, and letters whose
 * accent is a character of its own.
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
  return value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
