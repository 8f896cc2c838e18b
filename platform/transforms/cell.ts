/** A cell as a CSV file (text) or a request (JSON) gives it. */
export type Cell = string | number | boolean | null | undefined;

/** What a column holds. */
export type ColumnKind = 'number' | 'category';

/** Texts that stand for "no value" in a column of numbers, for everything that reads tables. */
export const missingWords: readonly string[] = ['', 'NA', 'N/A', 'NaN', 'nan', 'null'];

/**
 * Whether a cell holds no value. In a category only an empty cell is missing: `NA` may be a name.
 *
 * @example isMissing(' NA ', 'number') // true
 * @example isMissing('NA', 'category') // false
 */
export function isMissing(cell: Cell, kind: ColumnKind): boolean {
  if (cell === undefined || cell === null) return true;
  return kind === 'number' ? missingWords.includes(String(cell).trim()) : String(cell) === '';
}

/**
 * The finite number that a cell holds, or null if it holds anything else.
 *
 * @example parseNumber(' 12.5 ') // 12.5
 * @example parseNumber('12 kg') // null
 */
export function parseNumber(cell: Cell): number | null {
  if (typeof cell === 'boolean' || isMissing(cell, 'number')) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

/** Guesses the kind of a column from its cells: `number` if each cell that is not missing holds one. */
export function guessKind(cells: readonly Cell[]): ColumnKind {
  const present = cells.filter((cell) => !isMissing(cell, 'number'));
  const numeric = present.length > 0 && present.every((cell) => parseNumber(cell) !== null);
  return numeric ? 'number' : 'category';
}
