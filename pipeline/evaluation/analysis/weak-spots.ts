import { holm } from '../../../platform/quality/index.ts';
import type { Analysis, WeakSpot } from '../../../platform/schemas/index.ts';
import { wilson } from '../statistics/wilson.ts';
import { type Cut, cutColumns } from './cut-columns.ts';
import type { Judged } from './judged.ts';
import { fisherTail, rankSumTail } from './more-misses.ts';

/** Fewer examples in a group, or outside it, can show little. */
const fewest = 15;
const mostShown = 10;
const level = 0.05;
/** A pair of values has to be so much worse than each of the two, or it says nothing new. */
const worseThanParts = 1.25;

/** A group of examples. */
interface Group {
  readonly where: WeakSpot['where'];
  readonly count: number;
  /** The sum of its misses. */
  readonly missed: number;
  /** The sum of what is tested: of the misses, or of their ranks. */
  readonly tested: number;
}

/** All examples. */
interface Whole {
  readonly count: number;
  readonly misses: Float64Array;
  readonly missed: number;
  readonly tested: Float64Array;
  readonly regression: boolean;
}

/**
 * Looks for groups of examples that are answered worse than all others: every value of every column, and every
 * combination of two, tested one-sided (Fisher's exact test; of a regression Wilcoxon's) and corrected by Holm for all.
 *
 * @param without columns that are no property of the example, such as its label
 */
export function findWeakSpots(
  examples: readonly Judged[],
  without: ReadonlySet<string>,
  regression: boolean,
): Analysis['weakSpots'] {
  const whole = sumUp(examples, regression);
  const cuts = cutColumns(examples, without);
  const groups = [
    ...cuts.flatMap((cut) => groupsOf(whole, cut)),
    ...cuts.flatMap((first, at) =>
      cuts.slice(at + 1).flatMap((second) => pairsOf(whole, first, second)),
    ),
  ].filter(({ count }) => count >= fewest && whole.count - count >= fewest);
  const pValues = holm(groups.map((group) => tailOf(whole, group)));
  const spots = groups.map((group, index) => spotOf(whole, group, pValues[index] ?? 1));
  const sure = spots.filter(({ pValue }) => pValue < level);
  const values = sure.filter(({ where }) => where.length === 1);
  const found = sure
    .filter((spot) => saysMore(spot, values))
    .sort((a, b) => a.pValue - b.pValue || b.here - a.here);
  return { tested: groups.length, found: found.slice(0, mostShown) };
}

function sumUp(examples: readonly Judged[], regression: boolean): Whole {
  const misses = Float64Array.from(examples, ({ miss }) => miss);
  const missed = misses.reduce((sum, miss) => sum + miss, 0);
  const tested = regression ? ranksOf(misses) : misses;
  return { count: examples.length, misses, missed, tested, regression };
}

function ranksOf(values: Float64Array): Float64Array {
  const ranks = new Float64Array(values.length);
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  for (const [rank, index] of order.entries()) ranks[index] = rank + 1;
  return ranks;
}

function groupsOf(whole: Whole, { column, values, places }: Cut): Group[] {
  const wheres = values.map((value) => [{ column, value }]);
  return divide(whole, wheres, (index) => places[index] ?? 0);
}

function pairsOf(whole: Whole, first: Cut, second: Cut): Group[] {
  const width = second.values.length;
  const wheres = first.values.flatMap((value) =>
    second.values.map((other) => [
      { column: first.column, value },
      { column: second.column, value: other },
    ]),
  );
  const placeOf = (index: number) =>
    (first.places[index] ?? 0) * width + (second.places[index] ?? 0);
  return divide(whole, wheres, placeOf);
}

/** Adds up each group. Members are not kept: there are hundreds of divisions of what may be very many examples. */
function divide(
  { count: all, misses, tested }: Whole,
  wheres: readonly WeakSpot['where'][],
  placeOf: (index: number) => number,
): Group[] {
  const counts = new Float64Array(wheres.length);
  const missed = new Float64Array(wheres.length);
  const sums = new Float64Array(wheres.length);
  for (let index = 0; index < all; index++) {
    const place = placeOf(index);
    counts[place] = (counts[place] ?? 0) + 1;
    missed[place] = (missed[place] ?? 0) + (misses[index] ?? 0);
    sums[place] = (sums[place] ?? 0) + (tested[index] ?? 0);
  }
  return wheres.map((where, place) => ({
    ...{ where, count: counts[place] ?? 0 },
    ...{ missed: missed[place] ?? 0, tested: sums[place] ?? 0 },
  }));
}

/** How likely a group drawn blindly is at least as bad; 1 if it is no worse than all, which saves a long sum. */
function tailOf(
  { count: all, missed: wrong, regression }: Whole,
  { count, missed, tested }: Group,
): number {
  if (regression) return rankSumTail(tested, count, all);
  if (missed * all <= wrong * count) return 1;
  return fisherTail({ hits: missed, drawn: count, wrong, all });
}

function spotOf(whole: Whole, { where, count, missed }: Group, pValue: number): WeakSpot {
  const { low, high } = wilson(missed, count);
  return {
    ...{ where, count, here: missed / count },
    elsewhere: (whole.missed - missed) / (whole.count - count),
    interval: whole.regression ? null : { low, high },
    pValue,
  };
}

/** Whether a pair is more than one of its two values again. */
function saysMore({ where, here }: WeakSpot, values: readonly WeakSpot[]): boolean {
  if (where.length === 1) return true;
  const parts = values.filter((one) => where.some((part) => isSame(part, one.where[0])));
  return parts.every((part) => here > part.here * worseThanParts);
}

function isSame(a: WeakSpot['where'][number], b: WeakSpot['where'][number] | undefined): boolean {
  return a.column === b?.column && a.value === b.value;
}
