import { isMember, type Split, type Sums } from './find-split.ts';
import type { Bins } from './fit-bins.ts';
import type { GrownNode } from './forest.ts';
import type { BinnedTable, GrowingRows, Histograms } from './histograms.ts';

/** A leaf of the tree with its rows. */
export interface Leaf {
  readonly node: GrownNode;
  /** Its training rows: from `begin` to before `end` in the order of the tree. */
  readonly begin: number;
  readonly end: number;
  /** The same of the validation rows. */
  readonly heldBegin: number;
  readonly heldEnd: number;
  readonly sums: Sums;
}

/** A grown tree: its nodes, the root first, and its leaves. */
export interface GrownTree {
  readonly nodes: readonly GrownNode[];
  readonly leaves: readonly Leaf[];
}

/** What a tree is grown from. */
export interface GrowRequest {
  readonly table: BinnedTable;
  readonly growing: GrowingRows;
  /** Gradient and hessian of each row by its number. */
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
  /** Validation rows, which follow the splits without deciding them. */
  readonly held: { readonly table: BinnedTable; readonly rows: Uint32Array };
  readonly histograms: Histograms;
  /** Most leaves. */
  readonly leaves: number;
  readonly minimumRows: number;
  /** 1 for each column that this tree may split by. */
  readonly allowed: Uint8Array;
}

interface OpenLeaf extends Leaf {
  readonly slot: number;
  split: Split | null;
}

/**
 * Grows a tree leaf by leaf: always the split that lowers the loss most (Shi, "Best-first decision tree learning", 2007; the
 * way of LightGBM). The histogram of a node's larger half is its own minus that of the smaller one.
 */
export function growTree(request: GrowRequest): GrownTree {
  const root = startRoot(request);
  const nodes = [root.node];
  const open = [root];
  while (open.length < request.leaves) {
    const next = largestGain(open);
    if (!next?.split) break;
    const last = open.length + 1 === request.leaves;
    const children = splitLeaf(request, next, next.split, { slot: open.length, last });
    nodes.push(...children.map(({ node }) => node));
    Object.assign(next.node, nodeOf(next.split, request.table.bins), {
      left: nodes.length - 2,
      right: nodes.length - 1,
    });
    open.splice(open.indexOf(next), 1, ...children);
  }
  return { nodes, leaves: open };
}

function startRoot(request: GrowRequest): OpenLeaf {
  const { growing, gradients, hessians, table, held } = request;
  for (let row = 0; row < table.rows; row++) growing.rows[row] = row;
  for (let row = 0; row < held.table.rows; row++) held.rows[row] = row;
  growing.gradients.set(gradients);
  growing.hessians.set(hessians);
  const sums = { gradient: total(gradients), hessian: total(hessians), rows: table.rows };
  const task = { begin: 0, end: table.rows, slot: 0, siblingSlot: -1, sums, siblingSums: sums };
  const { own } = request.histograms.run(task, request.allowed);
  const ends = { begin: 0, end: table.rows, heldBegin: 0, heldEnd: held.table.rows };
  return { node: emptyNode(), ...ends, sums, slot: 0, split: own };
}

function total(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Of equal gains the first leaf in the tree. */
function largestGain(open: readonly OpenLeaf[]): OpenLeaf | undefined {
  return open.reduce<OpenLeaf | undefined>((best, leaf) => {
    return (leaf.split?.gain ?? 0) > (best?.split?.gain ?? 0) ? leaf : best;
  }, undefined);
}

function splitLeaf(
  request: GrowRequest,
  leaf: OpenLeaf,
  split: Split,
  { slot, last }: { readonly slot: number; readonly last: boolean },
): [OpenLeaf, OpenLeaf] {
  const { table, growing, held } = request;
  const sides = sidesOf(split, table.bins[split.column]);
  const bins = (from: BinnedTable) => from.columns[split.column] ?? new Uint8Array();
  const middle = partition(growing.rows, bins(table), sides, leaf.begin, leaf.end);
  const heldMiddle = partition(held.rows, bins(held.table), sides, leaf.heldBegin, leaf.heldEnd);
  const right = minus(leaf.sums, split.left);
  const smaller = split.left.rows <= right.rows;
  const children: [OpenLeaf, OpenLeaf] = [
    {
      ...{ node: emptyNode(), sums: split.left, slot: smaller ? slot : leaf.slot, split: null },
      ...{ begin: leaf.begin, end: middle, heldBegin: leaf.heldBegin, heldEnd: heldMiddle },
    },
    {
      ...{ node: emptyNode(), sums: right, slot: smaller ? leaf.slot : slot, split: null },
      ...{ begin: middle, end: leaf.end, heldBegin: heldMiddle, heldEnd: leaf.heldEnd },
    },
  ];
  if (!last) findSplits(request, children);
  return children;
}

/** Finds the best splits of two halves, unless both have too few rows to be divided. */
function findSplits(request: GrowRequest, halves: readonly [OpenLeaf, OpenLeaf]): void {
  const [small, large] =
    halves[0].sums.rows <= halves[1].sums.rows ? halves : [halves[1], halves[0]];
  if (large.sums.rows < 2 * request.minimumRows) return;
  gather(request, small);
  const found = request.histograms.run(
    {
      ...{ begin: small.begin, end: small.end, slot: small.slot, siblingSlot: large.slot },
      ...{ sums: small.sums, siblingSums: large.sums },
    },
    request.allowed,
  );
  small.split = found.own;
  large.split = found.sibling;
}

/** Brings the gradients of a node's rows side by side, so that each column reads them in order. */
function gather({ growing, gradients, hessians }: GrowRequest, { begin, end }: Leaf): void {
  for (let place = begin; place < end; place++) {
    const row = growing.rows[place] ?? 0;
    growing.gradients[place] = gradients[row] ?? 0;
    growing.hessians[place] = hessians[row] ?? 0;
  }
}

/** For each bin whether its rows go left (1) or right (0); the missing values are last. */
function sidesOf({ bin, members, missingLeft }: Split, bins: Bins | undefined): Uint8Array {
  const count = bins?.count ?? 0;
  const sides = new Uint8Array(count + 1);
  for (let place = 0; place < count; place++) {
    sides[place] = (members ? isMember(members, place) : place <= bin) ? 1 : 0;
  }
  sides[count] = missingLeft ? 1 : 0;
  return sides;
}

let spare = new Uint32Array(0);

/** Brings the rows that go left to the front; both halves keep their order. @returns where the right half begins */
function partition(
  rows: Uint32Array,
  bins: Uint8Array,
  sides: Uint8Array,
  begin: number,
  end: number,
): number {
  if (spare.length < end - begin) spare = new Uint32Array(end - begin);
  let left = begin;
  let right = 0;
  for (let place = begin; place < end; place++) {
    const row = rows[place] ?? 0;
    const side = sides[bins[row] ?? 0] ?? 0;
    // Both are written and one is kept: a branch that cannot be foreseen would cost more.
    rows[left] = row;
    spare[right] = row;
    left += side;
    right += 1 - side;
  }
  rows.set(spare.subarray(0, right), left);
  return left;
}

function minus(a: Sums, b: Sums): Sums {
  return {
    gradient: a.gradient - b.gradient,
    hessian: a.hessian - b.hessian,
    rows: a.rows - b.rows,
  };
}

function emptyNode(): GrownNode {
  return {
    ...{ column: -1, threshold: 0, members: null, left: 0, right: 0, missingLeft: false },
    ...{ value: 0, gain: 0 },
  };
}

function nodeOf(split: Split, bins: readonly Bins[]): Partial<GrownNode> {
  const { column, gain, members, missingLeft } = split;
  // All numbers go left where only missing values go right.
  const threshold = bins[column]?.edges?.[split.bin] ?? Number.POSITIVE_INFINITY;
  return { column, gain, members, missingLeft, threshold: members ? 0 : threshold };
}
