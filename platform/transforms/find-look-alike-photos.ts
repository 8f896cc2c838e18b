import { fineSide, type PhotoPrint } from './photo-print.ts';

/** So many photos before a photo, in the order of their names, may be of the same burst or video. */
const neighbours = 4;

/**
 * How alike two prints must be (correlation, 1 is the same). Of photos that have nothing to do with each other, one pair in
 * 700 is above the first of `near`, and none of 13,000 above `far`: measured on 660 photos of clothes.
 */
const limits = [
  { near: 0.9, far: 0.97 },
  { near: 0.95, far: 0.98 },
  { near: 0.98, far: 0.99 },
] as const;

/** Beyond this many photos, only neighbours are compared. */
const mostForPairs = 10_000;

/** Where so large a share of the photos would be one set, all look alike, and sets are looked for more strictly. */
const largestShare = 1 / 3;

/** Fields per side of which two prints may be shifted against each other. */
const mostShift = 2;

/**
 * Finds sets of photos that look almost the same: bursts, frames of one video, copies in another size.
 *
 * @param prints in the order of the photos' names; null where a photo could not be read.
 * @returns positions, in rising order; no sets where all photos look alike.
 */
export function findLookAlikePhotos(prints: readonly (PhotoPrint | null)[]): number[][] {
  for (const limit of limits) {
    const sets = join(prints.length, pairsOf(prints, limit));
    const largest = sets.reduce((most, { length }) => Math.max(most, length), 0);
    if (largest <= Math.max(3, largestShare * prints.length)) return sets;
  }
  return [];
}

type Pair = readonly [number, number];

function* pairsOf(
  prints: readonly (PhotoPrint | null)[],
  { near, far }: (typeof limits)[number],
): Generator<Pair> {
  const all = prints.length <= mostForPairs;
  for (const [at, print] of prints.entries()) {
    if (!print) continue;
    for (let before = all ? 0 : Math.max(0, at - neighbours); before < at; before++) {
      const other = prints[before];
      if (!other) continue;
      const close = at - before <= neighbours;
      const limit = close ? near : far;
      // Quick, and seldom so far below what the shifted prints reach.
      if (!close && correlate(print.coarse, other.coarse) < 0.75) continue;
      if (likeness(print.fine, other.fine) >= limit) yield [before, at];
    }
  }
}

function correlate(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** The highest correlation of two prints, shifted against each other. */
function likeness(a: Float32Array, b: Float32Array): number {
  let best = -1;
  for (let down = -mostShift; down <= mostShift; down++) {
    for (let right = -mostShift; right <= mostShift; right++) {
      best = Math.max(best, likenessAt(a, b, down, right));
    }
  }
  return best;
}

/** The correlation where `b` is shifted, of the fields that both have; 0 where one of them is even. */
function likenessAt(a: Float32Array, b: Float32Array, down: number, right: number): number {
  let [count, sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0, 0];
  for (let y = Math.max(0, down); y < Math.min(fineSide, fineSide + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(fineSide, fineSide + right); x++) {
      const ofA = a[y * fineSide + x] ?? 0;
      const ofB = b[(y - down) * fineSide + x - right] ?? 0;
      count += 1;
      sumA += ofA;
      sumB += ofB;
      squareA += ofA * ofA;
      squareB += ofB * ofB;
      product += ofA * ofB;
    }
  }
  const varianceA = squareA - (sumA * sumA) / count;
  const varianceB = squareB - (sumB * sumB) / count;
  // An even grey is like any other, which says nothing.
  if (varianceA < count || varianceB < count) return 0;
  return (product - (sumA * sumB) / count) / Math.sqrt(varianceA * varianceB);
}

/** Sets of positions that pairs connect. */
function join(count: number, pairs: Iterable<Pair>): number[][] {
  const parents = Array.from({ length: count }, (_, at) => at);
  const rootOf = (at: number): number => {
    const parent = parents[at] ?? at;
    if (parent === at) return at;
    const root = rootOf(parent);
    parents[at] = root;
    return root;
  };
  for (const [a, b] of pairs) {
    const [first, second] = [rootOf(a), rootOf(b)].sort((x, y) => x - y);
    if (first !== undefined && second !== undefined) parents[second] = first;
  }
  const sets = Map.groupBy(parents.keys(), rootOf);
  return [...sets.values()].filter(({ length }) => length > 1);
}
