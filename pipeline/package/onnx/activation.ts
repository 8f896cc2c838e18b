import type { OnnxGraph } from '../../onnx/index.ts';
import type { LayerContext } from './layer.ts';
import type { Value } from './value.ts';

/** Adds an activation to the graph and returns its result's name. */
type Activation = (graph: OnnxGraph, value: Value) => string;

const operator = (name: string, attributes = {}): Activation => {
  return (graph, value) => graph.node(name, [value.name], attributes);
};

/** Activations by the layers library's names, with its constants. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_, value) => value.name,
  relu: operator('Relu'),
  relu6: (graph, value) => graph.node('Clip', [value.name, graph.scalar(0), graph.scalar(6)]),
  sigmoid: operator('Sigmoid'),
  tanh: operator('Tanh'),
  elu: operator('Elu', { alpha: 1 }),
  selu: operator('Selu'),
  softplus: operator('Softplus'),
  softsign: operator('Softsign'),
  hardSigmoid: operator('HardSigmoid', { alpha: 0.2, beta: 0.5 }),
  swish: (graph, value) => graph.node('Mul', [value.name, graph.node('Sigmoid', [value.name])]),
  softmax: (graph, value) =>
    graph.node('Softmax', [value.name], { axis: value.layout === 'channels-first' ? 1n : -1n }),
};

/** Applies an activation by name. @throws MainstemError ONNX_LAYER_UNSUPPORTED for an unknown one */
export function activate(context: LayerContext, name: string, value: Value): Value {
  const activation = activations[name];
  if (!activation) throw context.unsupported(`activation ${name} has no ONNX form here`);
  return { ...value, name: activation(context.graph, value) };
}
