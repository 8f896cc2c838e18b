import { type Cell, parseNumber } from './cell.ts';

const spellings = new Map<string, boolean>([
  ...['true', 'yes', 'y', 't', 'on'].map((text) => [text, true] as const),
  ...['false', 'no', 'n', 'f', 'off'].map((text) => [text, false] as const),
]);

/**
 * What a cell of yes or no says, in whatever case: true, yes, y, t, on and 1, or false, no, n, f, off and 0. Null for anything
 * else.
 *
 * @example parseBoolean(' Yes ') // true
 * @example parseBoolean('0.0') // false
 * @example parseBoolean('perhaps') // null
 */
export function parseBoolean(cell: Cell): boolean | null {
  if (typeof cell === 'boolean') return cell;
  const said = spellings.get(String(cell).trim().toLowerCase());
  if (said !== undefined) return said;
  const number = parseNumber(cell);
  return number === 0 || number === 1 ? number === 1 : null;
}
