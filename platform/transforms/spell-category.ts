import { type Cell, categoryOf, parseNumber } from './cell.ts';

/**
 * A category as a table spells it: JSON's `true` is `True` where the table holds that, and 2 is `2.0`. A value that the table
 * does not hold stays as it is, without the blanks around it.
 *
 * @param values the categories of the table
 * @example spellCategory(['False', 'True'], true) // 'True'
 */
export function spellCategory(values: readonly string[], cell: Cell): string {
  const text = categoryOf(cell);
  if (values.includes(text)) return text;
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') {
    return values.find((known) => known.toLowerCase() === lower) ?? text;
  }
  if (typeof cell !== 'number') return text;
  return values.find((known) => parseNumber(known) === cell) ?? text;
}
