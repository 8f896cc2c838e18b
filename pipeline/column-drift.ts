import { countBy } from '../platform/lib/count-by.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { renderNumber, renderPercent } from '../platform/lib/render-number.ts';
import { stabilityBound, stabilityIndex } from '../platform/quality/index.ts';
import type { ColumnDrift } from '../platform/schemas/index.ts';
import { guessKind, parseNumber } from '../platform/transforms/index.ts';

type Row = Readonly<Record<string, string>>;

const bins = 10;
const mostCategories = 30;
/** Fewer added examples say nothing about how they are spread. */
const fewestAdded = 20;
/** Of columns without a difference, the share that is shown by chance. */
const falseAlarms = 0.01;
const missing = '';

/**
 * The columns in which added examples differ from those that were there, by the population stability index against what it
 * stays below 99 times out of 100 if both come from one source. Columns of names, with more than 30 values, are left out.
 *
 * @see docs/decisions/0009-drift-with-sampling-noise.md
 */
export function columnDrift(
  before: readonly Row[],
  added: readonly Row[],
): { columns: number; found: ColumnDrift[] } {
  if (added.length < fewestAdded || before.length < fewestAdded) return { columns: 0, found: [] };
  const names = [...new Set([...namesIn(before), ...namesIn(added)])].sort();
  const all = names.flatMap((column) => {
    const cellsOf = (rows: readonly Row[]) => rows.map((row) => ownValue(row, column) ?? missing);
    return driftOf(column, cellsOf(before), cellsOf(added)) ?? [];
  });
  const found = all.filter(({ psi, bound }) => psi > bound).sort((a, b) => b.psi - a.psi);
  return { columns: all.length, found: found.map(({ describe }) => describe()) };
}

function namesIn(rows: readonly Row[]): Set<string> {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return names;
}

/** How far a column has drifted; in words only where that is asked. */
interface Drifted {
  readonly psi: number;
  readonly bound: number;
  describe(): ColumnDrift;
}

function driftOf(
  column: string,
  before: readonly string[],
  added: readonly string[],
): Drifted | null {
  const distinct = new Set(before).size;
  const numeric = guessKind(before.filter((cell) => cell !== missing)) === 'number';
  if (!numeric && distinct > mostCategories) return null;
  const nameOf = numeric && distinct > bins ? binsOf(before) : (cell: string) => cell;
  const [old, fresh] = [countBy(before, nameOf), countBy(added, nameOf)];
  const values = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  if (values.length < 2) return null;
  const countsIn = (counts: Readonly<Record<string, number>>) =>
    values.map((value) => ownValue(counts, value) ?? 0);
  const counts = { reference: countsIn(old), live: countsIn(fresh) };
  const psi = stabilityIndex(counts);
  const bound = stabilityBound(counts, falseAlarms);
  const shareIn = (counts: Readonly<Record<string, number>>, all: number) => (value: string) =>
    ((ownValue(counts, value) ?? 0) + 0.5) / (all + values.length / 2);
  const [was, is] = [shareIn(old, before.length), shareIn(fresh, added.length)];
  const [most = ''] = values.toSorted(
    (a, b) => Math.abs(is(b) - was(b)) - Math.abs(is(a) - was(a)),
  );
  const say = (cells: readonly string[], share: number) =>
    numeric && distinct > bins ? medianOf(cells) : `${most || 'missing'} ${renderPercent(share)}`;
  const describe = () => {
    return { column, psi, bound, before: say(before, was(most)), added: say(added, is(most)) };
  };
  return { psi, bound, describe };
}

/** Names the tenth of the earlier values that a number lies in. */
function binsOf(cells: readonly string[]): (cell: string) => string {
  const sorted = numbersIn(cells);
  const edges = Array.from({ length: bins - 1 }, (_, place) => {
    const at = Math.floor(((place + 1) / bins) * (sorted.length - 1));
    return sorted[at] ?? 0;
  });
  return (cell) => {
    const value = parseNumber(cell);
    if (value === null) return missing;
    const place = edges.findIndex((edge) => value <= edge);
    return String(place < 0 ? edges.length : place);
  };
}

function medianOf(cells: readonly string[]): string {
  const sorted = numbersIn(cells);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return middle === undefined ? 'missing' : `median ${renderNumber(middle)}`;
}

function numbersIn(cells: readonly string[]): Float64Array {
  return Float64Array.from(cells.flatMap((cell) => parseNumber(cell) ?? [])).sort();
}
