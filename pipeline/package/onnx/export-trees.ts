import { OnnxGraph, onnxNames } from '../../onnx/index.ts';
import { logitFactors, memberWords, numberColumns, type Trees } from '../../trees/index.ts';
import { addLabelScale } from './label-scale.ts';

/**
 * Writes boosted trees as ONNX (opset 17 and `ai.onnx.ml` 5, whose TreeEnsemble knows sets of categories). Input `input`
 * float32 [batch, columns], NaN where a value is missing; outputs `output` [batch, n], logits or the value, and
 * `embedding` [batch, number columns], the numbers with 0, their mean, where one is missing. Equal trees and metadata give
 * equal bytes.
 *
 * @param metadata becomes the file's metadata_props
 */
export function exportTrees(trees: Trees, metadata: Readonly<Record<string, string>>): Uint8Array {
  const graph = new OnnxGraph();
  graph.input(onnxNames.input, [null, trees.columns.length]);
  addOutput(graph, trees);
  addEmbedding(graph, trees);
  return graph.toBytes('trees', metadata);
}

function addOutput(graph: OnnxGraph, { forest, classes, labelScale }: Trees): void {
  const sums = graph.treesNode('TreeEnsemble', [onnxNames.input], ensembleOf(forest));
  const base = graph.floats(forest.base, [1, forest.outputs], 'base');
  const factors = logitFactors(classes);
  if (!factors) {
    graph.output(onnxNames.output, [null, forest.outputs]);
    if (!labelScale) graph.node('Add', [sums, base], {}, onnxNames.output);
    else addLabelScale(graph, graph.node('Add', [sums, base]), onnxNames.output);
    return;
  }
  // [batch, 1] × [1, 2] is broadcast to the two logits.
  const score = graph.node('Add', [sums, base]);
  const by = graph.floats(Float32Array.from(factors), [1, factors.length], 'factors');
  graph.output(onnxNames.output, [null, factors.length]);
  graph.node('Mul', [score, by], {}, onnxNames.output);
}

function addEmbedding(graph: OnnxGraph, { columns }: Trees): void {
  const places = numberColumns(columns);
  const numbers = graph.node('Gather', [onnxNames.input, graph.integers(places)], { axis: 1n });
  const missing = graph.node('IsNaN', [numbers]);
  graph.output(onnxNames.embedding, [null, places.length]);
  graph.node('Where', [missing, graph.scalar(0), numbers], {}, onnxNames.embedding);
}

/** Codes of the operator's modes. */
const modes = { atMost: 0, member: 6 };

/**
 * The operator's attributes. It numbers inner nodes and leaves apart, and a tree must have an inner node: one that is a
 * single leaf gets a node with that leaf on both sides.
 */
function ensembleOf(forest: Trees['forest']) {
  const { roots, columns } = forest;
  const nodes = [...columns.keys()];
  const isLeaf = (node: number) => (columns[node] ?? -1) < 0;
  const lone = new Set(roots.filter(isLeaf));
  const inner = nodes.filter((node) => !isLeaf(node) || lone.has(node));
  const leaves = nodes.filter(isLeaf);
  const innerPlaces = placesOf(inner);
  const leafPlaces = placesOf(leaves);
  const side = (next: Int32Array) => {
    const targets = inner.map((node) => (lone.has(node) ? node : (next[node] ?? 0)));
    return {
      leafs: targets.map((target) => (isLeaf(target) ? 1 : 0)),
      ids: targets.map((target) => (isLeaf(target) ? leafPlaces : innerPlaces).get(target) ?? 0),
    };
  };
  const [left, right] = [side(forest.left), side(forest.right)];
  const outputs = outputsOfNodes(forest);
  const isSet = (node: number) => (forest.memberSets[node] ?? -1) >= 0;
  const members = inner.filter(isSet).flatMap((node) => [...membersOf(forest, node), Number.NaN]);
  return {
    aggregate_function: 1n,
    post_transform: 0n,
    n_targets: BigInt(forest.outputs),
    tree_roots: Array.from(roots, (root) => innerPlaces.get(root) ?? 0),
    nodes_featureids: inner.map((node) => Math.max(0, columns[node] ?? 0)),
    nodes_modes: {
      bytes: Uint8Array.from(inner, (node) => (isSet(node) ? modes.member : modes.atMost)),
    },
    nodes_splits: { floats: Float32Array.from(inner, (node) => forest.thresholds[node] ?? 0) },
    nodes_missing_value_tracks_true: inner.map((node) => forest.missingLeft[node] ?? 0),
    nodes_truenodeids: left.ids,
    nodes_trueleafs: left.leafs,
    nodes_falsenodeids: right.ids,
    nodes_falseleafs: right.leafs,
    ...(members.length > 0 && { membership_values: { floats: Float32Array.from(members) } }),
    leaf_targetids: leaves.map((leaf) => outputs[leaf] ?? 0),
    leaf_weights: { floats: Float32Array.from(leaves, (leaf) => forest.values[leaf] ?? 0) },
  };
}

function placesOf(nodes: readonly number[]): ReadonlyMap<number, number> {
  return new Map(nodes.map((node, place) => [node, place]));
}

/** The output that the tree of each node adds to. */
function outputsOfNodes({ roots, columns, outputs }: Trees['forest']): Int32Array {
  const targets = new Int32Array(columns.length);
  for (const [tree, root] of roots.entries()) targets.fill(tree % outputs, root);
  return targets;
}

/** The categories that go left. */
function membersOf({ memberSets, members }: Trees['forest'], node: number): number[] {
  const first = (memberSets[node] ?? 0) * memberWords;
  const categories = Array.from({ length: 32 * memberWords }, (_, category) => category);
  return categories.filter(
    (category) => (((members[first + (category >>> 5)] ?? 0) >>> (category & 31)) & 1) === 1,
  );
}
