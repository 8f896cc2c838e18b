import { isMember, memberWords } from './find-split.ts';

/**
 * Boosted trees. All nodes of all trees stand in the same arrays; tree t begins at `roots[t]` and adds the value of the leaf
 * that a row reaches to output t % outputs.
 */
export interface Forest {
  readonly outputs: number;
  /** What each output begins with. */
  readonly base: Float32Array;
  readonly roots: Int32Array;
  /** Position of the column that a node divides by; −1 for a leaf. */
  readonly columns: Int32Array;
  /** Of numbers: what is at most this goes left. */
  readonly thresholds: Float32Array;
  /** Of categories: which {@link memberWords} words of `members` hold those that go left; −1 for numbers. */
  readonly memberSets: Int32Array;
  readonly members: Uint32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where a missing value goes left. */
  readonly missingLeft: Int32Array;
  /** Of a leaf: what it adds. */
  readonly values: Float32Array;
  /** Of a node: by how much it lowers the training loss. */
  readonly gains: Float32Array;
}

/** The node of a growing tree. */
export interface GrownNode {
  column: number;
  threshold: number;
  members: Uint32Array | null;
  left: number;
  right: number;
  missingLeft: boolean;
  value: number;
  gain: number;
}

/** Joins trees, each a list of nodes that name one another by their positions, with the root first. */
export function buildForest(base: Float32Array, trees: readonly (readonly GrownNode[])[]): Forest {
  const nodes = trees.flat();
  const starts = trees.map(() => 0);
  for (let tree = 1; tree < trees.length; tree++) {
    starts[tree] = (starts[tree - 1] ?? 0) + (trees[tree - 1]?.length ?? 0);
  }
  const first = trees.flatMap((tree, index) => tree.map(() => starts[index] ?? 0));
  const sets = nodes.flatMap(({ members }) => (members ? [members] : []));
  let set = 0;
  return {
    outputs: base.length,
    base,
    roots: Int32Array.from(starts),
    columns: Int32Array.from(nodes, ({ column }) => column),
    thresholds: Float32Array.from(nodes, ({ threshold }) => threshold),
    memberSets: Int32Array.from(nodes, ({ members }) => (members ? set++ : -1)),
    members: Uint32Array.from(sets.flatMap((words) => [...words])),
    left: Int32Array.from(nodes, ({ left }, index) => left + (first[index] ?? 0)),
    right: Int32Array.from(nodes, ({ right }, index) => right + (first[index] ?? 0)),
    missingLeft: Int32Array.from(nodes, ({ missingLeft }) => (missingLeft ? 1 : 0)),
    values: Float32Array.from(nodes, ({ value }) => value),
    gains: Float32Array.from(nodes, ({ gain }) => gain),
  };
}

/**
 * What a forest gives for a row: per output the sum over its trees, added up in 32 bits in their order as ONNX Runtime does,
 * and then the base.
 *
 * @param row the columns as numbers and codes of categories; NaN is missing
 */
export function addForest(forest: Forest, row: Float32Array, into: Float32Array): void {
  const { roots, outputs, base, values } = forest;
  into.fill(0);
  for (let tree = 0; tree < roots.length; tree++) {
    const leaf = findLeaf(forest, roots[tree] ?? 0, row);
    const output = tree % outputs;
    into[output] = (into[output] ?? 0) + (values[leaf] ?? 0);
  }
  for (let output = 0; output < outputs; output++) {
    into[output] = (into[output] ?? 0) + (base[output] ?? 0);
  }
}

function findLeaf(forest: Forest, root: number, row: Float32Array): number {
  let node = root;
  for (;;) {
    const column = forest.columns[node] ?? -1;
    if (column < 0) return node;
    const side = goesLeft(forest, node, row[column] ?? Number.NaN) ? forest.left : forest.right;
    node = side[node] ?? 0;
  }
}

function goesLeft(forest: Forest, node: number, value: number): boolean {
  if (Number.isNaN(value)) return forest.missingLeft[node] === 1;
  const set = forest.memberSets[node] ?? -1;
  if (set < 0) return value <= (forest.thresholds[node] ?? 0);
  return isMember(forest.members.subarray(set * memberWords, (set + 1) * memberWords), value);
}
