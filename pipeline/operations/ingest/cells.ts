import type { ColumnDefinition } from '../../../platform/schemas/define/index.ts';
import {
  type Cell,
  categoryOf,
  isMissing,
  parseBoolean,
  parseDay,
  parseNumber,
  spellCategory,
} from '../../../platform/transforms/index.ts';

/**
 * What was sent as the table would write it, so that another call finds it there.
 *
 * @param values of the column
 * @returns null for what the project does not take in this column: validation would refuse the whole table for it
 */
export function spellCell(
  cell: Cell,
  { kind, range, values: allowed }: ColumnDefinition,
  values: () => readonly string[],
): string | null {
  if (isMissing(cell, kind)) return '';
  if (kind === 'date') return parseDay(cell) === null ? null : categoryOf(cell);
  if (kind === 'category') {
    const spelled = spellCategory(allowed ?? values(), cell);
    return allowed && !allowed.includes(spelled) ? null : spelled;
  }
  if (kind === 'boolean') {
    const said = parseBoolean(cell);
    if (said === null) return null;
    return values().find((known) => parseBoolean(known) === said) ?? String(said);
  }
  const number = parseNumber(cell);
  if (number === null) return null;
  return range && (number < range[0] || number > range[1]) ? null : String(number);
}
