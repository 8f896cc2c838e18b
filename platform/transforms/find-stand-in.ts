import { parseNumber } from './cell.ts';

/** Numbers of nines only, which no measurement happens to repeat far from all others: −999, 9999, −99.0. */
const nines = /^[+-]?9{2,}(\.[09]+)?$/;

/**
 * A number that looks like a stand-in for gaps: nines, more than once, and further from all other numbers than these are
 * from one another.
 *
 * @param cells of a column of numbers
 * @example findStandIn(['12', '-999', '15', '-999']) // '-999'
 */
export function findStandIn(cells: readonly string[]): string | null {
  const suspects = new Set(cells.filter((cell) => nines.test(cell)));
  return [...suspects].find((suspect) => isFarFromOthers(suspect, cells)) ?? null;
}

function isFarFromOthers(suspect: string, cells: readonly string[]): boolean {
  const value = Number(suspect);
  let [times, others, low, high] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const cell of cells) {
    const number = parseNumber(cell);
    if (number === null) continue;
    if (number === value) {
      times++;
      continue;
    }
    others++;
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  const distance = Math.max(low - value, value - high);
  return times > 1 && others > 1 && distance > high - low;
}
