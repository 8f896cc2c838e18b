import { binWidth, findSplit, type Split, type SplitRules, type Sums } from './find-split.ts';
import { type Bins, mostBins } from './fit-bins.ts';

/** The columns of a table as bins. */
export interface BinnedTable {
  readonly rows: number;
  readonly bins: readonly Bins[];
  /** rows bytes per column. */
  readonly columns: readonly Uint8Array[];
}

/** What a tree is grown on. Rows stand in the order of the tree's nodes. */
export interface GrowingRows {
  /** Numbers of the rows; those of a node stand side by side, rising. */
  readonly rows: Uint32Array;
  /** Gradient and hessian of `rows[i]` at i; only those of the node in work are right. */
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
}

/** One step of growing a tree: the histogram of a node's rows, and the best splits. */
export interface HistogramTask {
  /** The rows to add up: from `begin` to before `end`. */
  readonly begin: number;
  readonly end: number;
  /** Where the histogram of these rows is kept. */
  readonly slot: number;
  /** Where their parent's is kept, which becomes the one of the parent's other rows; −1 for the root. */
  readonly siblingSlot: number;
  readonly sums: Sums;
  /** Sums over the parent's other rows. */
  readonly siblingSums: Sums;
}

/** The best splits of a task's two nodes; null where none helps. */
export interface TaskSplits {
  readonly own: Split | null;
  readonly sibling: Split | null;
}

/** The histograms of the nodes in work. */
export interface Histograms {
  /** @param allowed 1 for each column that this tree may split by */
  run(task: HistogramTask, allowed: Uint8Array): TaskSplits;
}

/** What histograms are made of. */
export interface HistogramRequest {
  readonly table: BinnedTable;
  readonly growing: GrowingRows;
  readonly rules: SplitRules;
}

/** Creates histograms, which are added up in the order of the rows, so that equal rows give equal bits. */
export function createHistograms({ table, growing, rules }: HistogramRequest): Histograms {
  const offsets = offsetsOf(table.bins.map(({ count }) => count));
  const slots: Float64Array[] = [];
  const unread = new Float64Array((mostBins + 1) * binWidth);
  const slotAt = (slot: number) => (slots[slot] ??= new Float64Array(offsets.at(-1) ?? 0));
  const partOf = (histogram: Float64Array, column: number) =>
    histogram.subarray(offsets[column] ?? 0, offsets[column + 1] ?? 0);

  const best = (slot: number, sums: Sums, allowed: Uint8Array): Split | null => {
    let found: Split | null = null;
    for (const [column, bins] of table.bins.entries()) {
      if (allowed[column] !== 1) continue;
      const split = findSplit(partOf(slotAt(slot), column), bins, sums, rules);
      if (split && split.gain > (found?.gain ?? 0)) found = { ...split, column };
    }
    return found;
  };

  return {
    run({ begin, end, slot, siblingSlot, sums, siblingSums }, allowed) {
      const own = slotAt(slot).fill(0);
      const inUse = table.columns.flatMap((bins, column) =>
        allowed[column] === 1 ? [{ bins, sums: partOf(own, column) }] : [],
      );
      for (let index = 0; index < inUse.length; index += 2) {
        const first = inUse[index];
        // An odd last column is added up twice, the second time into sums that nobody reads.
        const second = inUse[index + 1] ?? (first && { bins: first.bins, sums: unread });
        if (first && second) addUp(first, second, growing, { begin, end });
      }
      if (siblingSlot < 0) return { own: best(slot, sums, allowed), sibling: null };
      subtract(slotAt(siblingSlot), own);
      return {
        own: best(slot, sums, allowed),
        sibling: best(siblingSlot, siblingSums, allowed),
      };
    },
  };
}

/** Where each column's part of a histogram begins, and the length of all. */
function offsetsOf(counts: readonly number[]): number[] {
  const offsets = [0];
  for (const count of counts) offsets.push((offsets.at(-1) ?? 0) + (count + 1) * binWidth);
  return offsets;
}

/** The histogram of a column. */
interface ColumnSums {
  readonly bins: Uint8Array;
  readonly sums: Float64Array;
}

/** Adds up two columns at once, which share the loads of rows and gradients: a third faster than one after the other. */
function addUp(
  { bins, sums }: ColumnSums,
  second: ColumnSums,
  { rows, gradients, hessians }: GrowingRows,
  { begin, end }: { readonly begin: number; readonly end: number },
): void {
  const { bins: otherBins, sums: otherSums } = second;
  for (let place = begin; place < end; place++) {
    const row = rows[place] ?? 0;
    const gradient = gradients[place] ?? 0;
    const hessian = hessians[place] ?? 0;
    const at = (bins[row] ?? 0) * binWidth;
    sums[at] = (sums[at] ?? 0) + gradient;
    sums[at + 1] = (sums[at + 1] ?? 0) + hessian;
    sums[at + 2] = (sums[at + 2] ?? 0) + 1;
    const other = (otherBins[row] ?? 0) * binWidth;
    otherSums[other] = (otherSums[other] ?? 0) + gradient;
    otherSums[other + 1] = (otherSums[other + 1] ?? 0) + hessian;
    otherSums[other + 2] = (otherSums[other + 2] ?? 0) + 1;
  }
}

function subtract(from: Float64Array, other: Float64Array): void {
  for (let index = 0; index < from.length; index++) {
    from[index] = (from[index] ?? 0) - (other[index] ?? 0);
  }
}
