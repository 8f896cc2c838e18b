import { isCellText } from '../lib/is-cell-text.ts';
import { parseBoolean } from './boolean.ts';
import { type Cell, type ColumnKind, categoryOf, isMissing, parseNumber } from './cell.ts';
import { parseDay } from './date.ts';

/**
 * Whether a model can read a cell in a column of this kind. A missing one it can.
 *
 * @example isReadable('abc', 'number') // false
 */
export function isReadable(cell: Cell, kind: ColumnKind): boolean {
  return readCell(cell, kind) !== null;
}

/**
 * A cell as a model reads it, which is alike for what it cannot tell apart: `42` and `042.0`, `yes` and `true`.
 *
 * @returns a text, '' for a missing one; null for what cannot be read
 */
export function readCell(cell: Cell, kind: ColumnKind): string | null {
  if (isMissing(cell, kind)) return '';
  if (kind === 'category') return isCellText(String(cell)) ? categoryOf(cell) : null;
  const read = { number: parseNumber, date: parseDay, boolean: parseBoolean }[kind](cell);
  return read === null ? null : String(read);
}
