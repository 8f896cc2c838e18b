import { isMissingWord } from '../lib/missing-words.ts';

/** A cell as a CSV file (text) or a request (JSON) gives it. */
export type Cell = string | number | boolean | null | undefined;

/** What a column holds. */
export type ColumnKind = 'number' | 'category' | 'date' | 'boolean';

/** The largest number that the network can hold: it computes in 32 bits. */
export const largestNumber = 3.4028234663852886e38;

/** A column is one of numbers if so many of its cells are, so that a few odd ones do not hide what it holds. */
const numberShare = 0.95;

/**
 * Whether a cell holds no value. In a category only an empty cell is missing: `NA` may be a name.
 *
 * @example isMissing(' NA ', 'number') // true
 * @example isMissing('NA', 'category') // false
 */
export function isMissing(cell: Cell, kind: ColumnKind): boolean {
  if (cell === undefined || cell === null) return true;
  return kind === 'category' ? categoryOf(cell) === '' : isMissingWord(String(cell));
}

/** `Number` alone would also read 0x27 as 39 and 0b1 as 1. */
const decimal = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)$/;

/** NaN for what is not written as a decimal number. */
function numberIn(cell: Cell): number {
  if (typeof cell === 'number') return cell;
  const text = String(cell).trim();
  return decimal.test(text) ? Number(text) : Number.NaN;
}

/**
 * The number that a cell holds, or null if it holds anything else or one that is too large for the network. Texts are
 * decimal: digits with a point, a sign and a power of ten.
 *
 * @example parseNumber(' 12.5 ') // 12.5
 * @example parseNumber('12 kg') // null
 * @example parseNumber('0x27') // null
 * @example parseNumber('1e39') // null
 */
export function parseNumber(cell: Cell): number | null {
  if (typeof cell === 'boolean' || cell === undefined || cell === null) return null;
  const value = numberIn(cell);
  return Math.abs(value) <= largestNumber ? value : null;
}

/**
 * Whether a cell holds a number that is too large for the network.
 *
 * @example isTooLarge('1e39') // true
 * @example isTooLarge('much') // false
 */
export function isTooLarge(cell: Cell): boolean {
  return !isMissing(cell, 'number') && Math.abs(numberIn(cell)) > largestNumber;
}

/** The name of a category that a cell holds, without the blanks around it. */
export function categoryOf(cell: Cell): string {
  return String(cell).trim();
}

/** Guesses the kind of a column: `number` if at least 95 % of the cells that are not missing hold one. */
export function guessKind(cells: readonly Cell[]): ColumnKind {
  const present = cells.filter((cell) => !isMissing(cell, 'number'));
  const numbers = present.filter((cell) => parseNumber(cell) !== null || isTooLarge(cell)).length;
  return isMostlyNumbers(numbers, present.length) ? 'number' : 'category';
}

/** Whether a column is one of numbers, of which so many present cells hold one. */
export function isMostlyNumbers(numbers: number, present: number): boolean {
  return numbers > 0 && numbers >= numberShare * present;
}
