import * as tf from '@tensorflow/tfjs-core';
import {
  model as buildModel,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import type { LoadedTuned } from '../backbones/index.ts';
import { findEnds } from '../backends/index.ts';

/**
 * Puts a network on top of the part of a backbone that is trained. Both share their weights with the result.
 *
 * @throws Error for a network that uses one of its layers more than once
 */
export function stackNetwork(
  { input, features }: Pick<LoadedTuned, 'input' | 'features'>,
  network: LayersModel,
): LayersModel {
  const ends = findEnds(network);
  const made = new Map([[ends.input.id, features]]);
  for (const layer of network.layers) {
    if (layer.getClassName() === 'InputLayer') continue;
    const [node, ...others] = layer.inboundNodes;
    const [output] = node?.outputTensors ?? [];
    if (!node || !output || others.length > 0) {
      throw new Error(`its layer ${layer.name} is used more than once`);
    }
    const inputs = node.inputTensors.map((tensor) => tensorOf(made, tensor));
    const [only, ...more] = inputs;
    const result = layer.apply(more.length === 0 && only ? only : inputs);
    if (Array.isArray(result) || result instanceof tf.Tensor) throw new Error('not one tensor');
    made.set(output.id, result);
  }
  return buildModel({ inputs: input, outputs: tensorOf(made, ends.output) });
}

function tensorOf(
  made: ReadonlyMap<number, SymbolicTensor>,
  { id, name }: SymbolicTensor,
): SymbolicTensor {
  const found = made.get(id);
  if (found) return found;
  throw new Error(`${name} is used before it is made`);
}
