import { renderNumber, renderPercent } from '../platform/lib/render-number.ts';
import { stabilityBound, stabilityIndex } from '../platform/quality/index.ts';
import type { ColumnDrift } from '../platform/schemas/index.ts';
import { isMissing, isMostlyNumbers, isTooLarge } from '../platform/transforms/index.ts';
import type { ColumnCells, ExampleColumns } from './example-columns.ts';

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
  before: ExampleColumns,
  added: ExampleColumns,
): { columns: number; found: ColumnDrift[] } {
  if (added.count < fewestAdded || before.count < fewestAdded) return { columns: 0, found: [] };
  const names = [...new Set([...before.names, ...added.names])].sort();
  const all = names.flatMap((name) => driftOf(name, before.column(name), added.column(name)) ?? []);
  const found = all.filter(({ psi, bound }) => psi > bound).sort((a, b) => b.psi - a.psi);
  return { columns: all.length, found: found.map(({ describe }) => describe()) };
}

/** How far a column has drifted; in words only where that is asked. */
interface Drifted {
  readonly psi: number;
  readonly bound: number;
  describe(): ColumnDrift;
}

/** How often each value, or bin of values, is there. */
type Counts = ReadonlyMap<string, number>;

function driftOf(column: string, before: ColumnCells, added: ColumnCells): Drifted | null {
  const texts = before.countTexts(mostCategories);
  const numbers = texts === null || texts.size > bins ? readNumbers(before) : null;
  if (numbers !== null) return numberDrift(column, [numbers, before.count], added);
  if (texts === null) return null;
  const fresh = added.countTexts(Number.POSITIVE_INFINITY) ?? new Map<string, number>();
  return compareCounts(column, texts, fresh, ({ most, was, is }) => {
    const say = (share: number) => `${most || 'missing'} ${renderPercent(share)}`;
    return { before: say(was), added: say(is) };
  });
}

function numberDrift(
  column: string,
  [sorted, all]: readonly [Float64Array, number],
  added: ColumnCells,
): Drifted | null {
  const edges = edgesOf(sorted);
  const found = Float64Array.from({ length: added.count }, (_, at) => added.number(at));
  const old = countBins(sorted, edges);
  if (all > sorted.length) old.set(missing, all - sorted.length);
  return compareCounts(column, old, countBins(found, edges), () => {
    const present = found.filter((value) => !Number.isNaN(value)).sort();
    return { before: medianOf(sorted), added: medianOf(present) };
  });
}

/** What is said of a difference: the value whose share changed most, and its shares. */
interface Most {
  readonly most: string;
  readonly was: number;
  readonly is: number;
}

function compareCounts(
  column: string,
  old: Counts,
  fresh: Counts,
  say: (most: Most) => Pick<ColumnDrift, 'before' | 'added'>,
): Drifted | null {
  // Sorted, so that no figure depends on which row stands first.
  const values = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  if (values.length < 2) return null;
  const countsIn = (counts: Counts) => values.map((value) => counts.get(value) ?? 0);
  const counts = { reference: countsIn(old), live: countsIn(fresh) };
  const [psi, bound] = [stabilityIndex(counts), stabilityBound(counts, falseAlarms)];
  const describe = () => {
    const [was, is] = [sharesOf(counts.reference), sharesOf(counts.live)];
    const [place = 0] = [...values.keys()].sort(
      (a, b) => changeAt(b, was, is) - changeAt(a, was, is),
    );
    const most = { most: values[place] ?? '', was: was[place] ?? 0, is: is[place] ?? 0 };
    return { column, psi, bound, ...say(most) };
  };
  return { psi, bound, describe };
}

function sharesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / all);
}

/** By how much a share changed; of two that changed alike, as of two values all do, the one that grew comes first. */
function changeAt(place: number, was: readonly number[], is: readonly number[]): number {
  const change = (is[place] ?? 0) - (was[place] ?? 0);
  return Math.abs(change) + (change > 0 ? alike : 0);
}

/** More than rounding, less than any difference that is shown. */
const alike = 1e-9;

/** The numbers of a column in their order; null if it is not one of numbers. */
function readNumbers(cells: ColumnCells): Float64Array | null {
  const { count } = cells;
  const numbers = new Float64Array(count);
  let [found, gaps, others] = [0, 0, 0];
  for (let at = 0; at < count; at++) {
    const value = cells.number(at);
    if (!Number.isNaN(value)) numbers[found++] = value;
    else if (isMissing(cells.text(at), 'number')) gaps++;
    else if (!isTooLarge(cells.text(at))) {
      others++;
      // Not even if all that follow are numbers: of a column of names few cells have to be read.
      if (!isMostlyNumbers(count - gaps - others, count - gaps)) return null;
    }
  }
  return isMostlyNumbers(count - gaps - others, count - gaps)
    ? numbers.subarray(0, found).sort()
    : null;
}

/** The tenths of sorted numbers. */
function edgesOf(sorted: Float64Array): number[] {
  return Array.from({ length: bins - 1 }, (_, place) => {
    const at = Math.floor(((place + 1) / bins) * (sorted.length - 1));
    return sorted[at] ?? 0;
  });
}

/** How many numbers lie in each tenth; NaN is one that is missing. */
function countBins(numbers: Float64Array, edges: readonly number[]): Map<string, number> {
  const counts = new Uint32Array(edges.length + 1);
  let gaps = 0;
  for (const value of numbers) {
    let place = 0;
    while (place < edges.length && value > (edges[place] ?? 0)) place++;
    if (Number.isNaN(value)) gaps++;
    else counts[place] = (counts[place] ?? 0) + 1;
  }
  const named = [...counts].map((count, place): [string, number] => [String(place), count]);
  return new Map([...named, [missing, gaps] as const].filter(([, count]) => count > 0));
}

function medianOf(sorted: Float64Array): string {
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return middle === undefined ? 'missing' : `median ${renderNumber(middle)}`;
}
