import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../platform/lib/errors.ts';

/** The network's one output and the embedding: what goes into the layer that makes that output. */
export interface ModelEnds {
  readonly input: SymbolicTensor;
  readonly output: SymbolicTensor;
  readonly embedding: SymbolicTensor;
}

/** Finds a network's ends. @throws MainstemError MODEL_UNSUPPORTED unless each of them is a single tensor */
export function findEnds(model: LayersModel): ModelEnds {
  const input = single(model.inputs, 'input');
  const output = single(model.outputs, 'output');
  const node = output.sourceLayer.inboundNodes[output.nodeIndex];
  return { input, output, embedding: single(node?.inputTensors ?? [], 'input of the last layer') };
}

function single(tensors: readonly SymbolicTensor[], what: string): SymbolicTensor {
  const [first, ...others] = tensors;
  if (first && others.length === 0) return first;
  const reason = `it has ${tensors.length} tensors as ${what}, but must have one`;
  throw new MainstemError('MODEL_UNSUPPORTED', { reason });
}
