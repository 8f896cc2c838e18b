import { isCellText } from '../lib/is-cell-text.ts';
import { parseBoolean } from './boolean.ts';
import { type Cell, type ColumnKind, isMissing, parseNumber } from './cell.ts';
import { parseDay } from './date.ts';

/**
 * Whether a model can read a cell in a column of this kind. A missing one it can.
 *
 * @example isReadable('abc', 'number') // false
 */
export function isReadable(cell: Cell, kind: ColumnKind): boolean {
  if (isMissing(cell, kind)) return true;
  if (kind === 'category') return isCellText(String(cell));
  return { number: parseNumber, date: parseDay, boolean: parseBoolean }[kind](cell) !== null;
}
