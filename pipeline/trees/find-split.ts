import type { Bins } from './fit-bins.ts';

/** Sums over the rows of a node. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

/** The best way to divide the rows of a node by one column. */
export interface Split {
  /** By how much it lowers the loss; positive. */
  readonly gain: number;
  /** Position of the column. */
  readonly column: number;
  /** Of numbers: the last bin whose rows go left. */
  readonly bin: number;
  /** Of categories: those whose rows go left, as bits; null for numbers. */
  readonly members: Uint32Array | null;
  readonly missingLeft: boolean;
  readonly left: Sums;
}

/** What a split must respect. */
export interface SplitRules {
  /** Least number of rows on either side. */
  readonly minimumRows: number;
  readonly l2: number;
}

/** Numbers per bin in a histogram: gradient, hessian, rows. */
export const binWidth = 3;
/** Words of 32 bits that hold a set of categories. */
export const memberWords = 8;

/** Least hessian on either side: below it the value of a leaf is noise divided by nothing. */
const leastHessian = 1e-3;
/** A category with a smaller part of a node's hessian, in rows, stays on the right: its mean would be chance. */
const leastSupport = 10;
/** Added to the hessian where categories are ordered by their means. */
const smoothing = 10;

/**
 * Finds the best split of a node by one column from its histogram, as in LightGBM and scikit-learn: numbers at an edge of
 * a bin with the missing values on the better side; categories, ordered by their mean gradient, at a place in that order
 * (Fisher, "On Grouping for Maximum Homogeneity", 1958), missing being a category too. Where a node has no missing
 * value, later ones go to the side with more rows. Of equal splits the first wins.
 *
 * @param histogram of the column, {@link binWidth} numbers per bin, the missing values last
 * @param node sums over all rows of the node
 * @returns null if no split lowers the loss within the rules
 */
export function findSplit(
  histogram: Float64Array,
  bins: Bins,
  node: Sums,
  rules: SplitRules,
): Omit<Split, 'column'> | null {
  const search = createSearch(node, rules);
  if (bins.edges) scanNumbers(histogram, bins.count, search);
  else scanCategories(histogram, bins.count, node, search);
  return search.best();
}

/** Takes candidates and keeps the best. */
interface Search {
  /** @returns false if too little is left on the right for this or any candidate with more on the left */
  offer(left: Sums, bin: number, missing: 'left' | 'right' | 'none', order?: Uint16Array): boolean;
  best(): Omit<Split, 'column'> | null;
}

function createSearch(node: Sums, { minimumRows, l2 }: SplitRules): Search {
  // In scikit-learn's order of operations: of equal gains the same one is the larger by rounding.
  const score = (gradient: number, hessian: number) =>
    gradient * (gradient / (hessian + l2 + 1e-15));
  const unsplit = score(node.gradient, node.hessian);
  let best: Omit<Split, 'column'> | null = null;
  return {
    offer(left, bin, missing, order) {
      const hessian = node.hessian - left.hessian;
      const rows = node.rows - left.rows;
      if (rows < minimumRows || hessian < leastHessian) return false;
      if (left.rows < minimumRows || left.hessian < leastHessian) return true;
      const gain =
        score(left.gradient, left.hessian) -
        unsplit +
        score(node.gradient - left.gradient, hessian);
      if (!(gain > (best?.gain ?? leastGain(unsplit)))) return true;
      const missingLeft = missing === 'none' ? left.rows > rows : missing === 'left';
      const members = order ? membersOf(order, bin) : null;
      best = { gain, bin, members, missingLeft, left };
      return true;
    },
    best: () => best,
  };
}

/** Less than this is rounding. */
function leastGain(unsplit: number): number {
  return 1e-12 * (1 + Math.abs(unsplit));
}

function scanNumbers(histogram: Float64Array, count: number, search: Search): void {
  const missing = sumsAt(histogram, count);
  if (missing.rows === 0) {
    scanEdges(histogram, count, none, 'none', search);
    return;
  }
  scanEdges(histogram, count, none, 'right', search);
  scanEdges(histogram, count, missing, 'left', search);
}

const none: Sums = { gradient: 0, hessian: 0, rows: 0 };

/** Offers an edge between each two bins that hold rows of the node; where empty ones lie between them it is the first. */
function scanEdges(
  histogram: Float64Array,
  count: number,
  from: Sums,
  missing: 'left' | 'right' | 'none',
  search: Search,
): void {
  let { gradient, hessian, rows } = from;
  let last = -1;
  for (let bin = 0; bin < count; bin++) {
    const at = bin * binWidth;
    const added = histogram[at + 2] ?? 0;
    if (added === 0) continue;
    if (last >= 0 && !search.offer({ gradient, hessian, rows }, last, missing)) return;
    gradient += histogram[at] ?? 0;
    hessian += histogram[at + 1] ?? 0;
    rows += added;
    last = bin;
  }
  // All present values on the left, the missing ones on the right.
  if (missing === 'right') search.offer({ gradient, hessian, rows }, count - 1, missing);
}

function scanCategories(histogram: Float64Array, count: number, node: Sums, search: Search): void {
  const missing = sumsAt(histogram, count).rows > 0;
  const used = Array.from({ length: count + 1 }, (_, bin) => bin).filter(
    (bin) => (sumsAt(histogram, bin).hessian * node.rows) / node.hessian >= leastSupport,
  );
  const mean = (bin: number) => {
    const { gradient, hessian } = sumsAt(histogram, bin);
    return gradient / (hessian + smoothing);
  };
  const rising = Uint16Array.from(used.sort((a, b) => mean(a) - mean(b) || a - b));
  if (rising.length < 2) return;
  const half = Math.ceil(rising.length / 2);
  // From the other end one less: the rest would be what was offered before.
  for (const [order, most] of [[rising, half] as const, [rising.toReversed(), half - 1] as const]) {
    let left = none;
    for (let place = 0; place < most; place++) {
      left = plus(left, sumsAt(histogram, order[place] ?? 0));
      const side = order.subarray(0, place + 1).includes(count) ? 'left' : 'right';
      if (!search.offer(left, place, missing ? side : 'none', order)) break;
    }
  }
}

function sumsAt(histogram: Float64Array, bin: number): Sums {
  const at = bin * binWidth;
  return {
    gradient: histogram[at] ?? 0,
    hessian: histogram[at + 1] ?? 0,
    rows: histogram[at + 2] ?? 0,
  };
}

function plus(a: Sums, b: Sums): Sums {
  return {
    gradient: a.gradient + b.gradient,
    hessian: a.hessian + b.hessian,
    rows: a.rows + b.rows,
  };
}

/** The first categories of an order as bits. */
function membersOf(order: Uint16Array, last: number): Uint32Array {
  const members = new Uint32Array(memberWords);
  for (const bin of order.subarray(0, last + 1)) {
    members[bin >>> 5] = (members[bin >>> 5] ?? 0) | (1 << (bin & 31));
  }
  return members;
}

/** Whether a set of categories, as bits, holds one. */
export function isMember(members: Uint32Array, category: number): boolean {
  return (((members[category >>> 5] ?? 0) >>> (category & 31)) & 1) === 1;
}
