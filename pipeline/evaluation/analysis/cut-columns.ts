import { ownValue } from '../../../platform/lib/own-value.ts';
import { renderNumber } from '../../../platform/lib/render-number.ts';
import { guessKind, parseNumber } from '../../../platform/transforms/index.ts';
import type { Judged } from './judged.ts';

/** A column by which examples are divided: for each example the position of its value. */
export interface Cut {
  readonly column: string;
  readonly values: readonly string[];
  readonly places: readonly number[];
}

const [mostColumns, mostValues] = [30, 20];
const quarters = [0.25, 0.5, 0.75];

/**
 * Divides examples by each column that has few values; numbers with many are divided at their quartiles. Columns of names
 * and keys, with a value of its own for nearly every example, are left out, and columns of large tables whose cells only some
 * rows keep: the others would count as missing there.
 */
export function cutColumns(examples: readonly Judged[], without: ReadonlySet<string>): Cut[] {
  const names = new Set(examples.flatMap(({ metadata }) => Object.keys(metadata)));
  return [...names]
    .filter((name) => !without.has(name) && isKept(examples, name))
    .sort()
    .flatMap((column) => cutColumn(examples, column) ?? [])
    .slice(0, mostColumns);
}

/** Whether all rows keep the column's cells. A photo that is not in `metadata.csv` has no cells at all. */
function isKept(examples: readonly Judged[], column: string): boolean {
  return examples.every(
    ({ metadata }) => Object.hasOwn(metadata, column) || Object.keys(metadata).length === 0,
  );
}

function cutColumn(examples: readonly Judged[], column: string): Cut | null {
  const cells = examples.map(({ metadata }) => ownValue(metadata, column) || 'missing');
  const distinct = new Set(cells);
  if (distinct.size < 2) return null;
  if (distinct.size <= mostValues) return cutBy(column, cells);
  return guessKind(cells.filter((cell) => cell !== 'missing')) === 'number'
    ? cutBy(column, quarterNames(cells))
    : null;
}

function cutBy(column: string, cells: readonly string[]): Cut {
  const values = [...new Set(cells)].sort();
  const places = new Map(values.map((value, place) => [value, place]));
  return { column, values, places: cells.map((cell) => places.get(cell) ?? 0) };
}

/** Each number by the quarter that it lies in. */
function quarterNames(cells: readonly string[]): string[] {
  const numbers = cells.map((cell) => parseNumber(cell));
  const sorted = numbers.filter((value) => value !== null).sort((a, b) => a - b);
  const edges = quarters.map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const names = [...edges, Number.POSITIVE_INFINITY].map((edge, place) => {
    const below = edges[place - 1];
    if (below === undefined) return `≤ ${renderNumber(edge)}`;
    return edge === Number.POSITIVE_INFINITY
      ? `> ${renderNumber(below)}`
      : `${renderNumber(below)} … ${renderNumber(edge)}`;
  });
  return numbers.map((value) => {
    if (value === null) return 'missing';
    const place = edges.findIndex((edge) => value <= edge);
    return names[place < 0 ? edges.length : place] ?? '';
  });
}
