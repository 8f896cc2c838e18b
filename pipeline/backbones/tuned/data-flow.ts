import type { NodeProto } from '../../onnx/index.ts';
import type { Backbone } from '../parse-backbone.ts';

/** Operators that read how large a tensor is, and not what it holds. */
const sizeReaders = new Set(['Shape', 'Size']);

/** The tensors that are made of the pictures' values; all others are the same for every picture of a size. */
export function findDataTensors({ nodes, input }: Backbone): ReadonlySet<string> {
  const data = new Set([input]);
  for (const node of nodes) {
    if (!readsData(node, data)) continue;
    for (const name of node.output) data.add(name);
  }
  return data;
}

/** Whether a node reads what pictures show. */
export function readsData({ opType, input }: NodeProto, data: ReadonlySet<string>): boolean {
  return !sizeReaders.has(opType) && input.some((name) => data.has(name));
}

/**
 * The tensors that all that is known of a picture passes through, in their order: where the network is one line. Neither the
 * pictures nor the features are among them.
 */
export function findWaists(backbone: Backbone, data: ReadonlySet<string>): string[] {
  const { nodes, input, features } = backbone;
  const steps = nodes.filter((node) => readsData(node, data));
  const lastRead = new Map<string, number>();
  for (const [at, node] of steps.entries()) {
    for (const name of node.input) if (data.has(name)) lastRead.set(name, at);
  }
  lastRead.set(features, steps.length);
  const open = new Set([input]);
  const waists: string[] = [];
  for (const [at, node] of steps.entries()) {
    for (const name of node.output) if (lastRead.has(name)) open.add(name);
    for (const name of node.input) if (lastRead.get(name) === at) open.delete(name);
    const [only = '', ...others] = open;
    if (others.length === 0 && only !== waists.at(-1)) waists.push(only);
  }
  return waists.filter((name) => name !== input && name !== features);
}
