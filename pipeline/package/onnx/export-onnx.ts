import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { LabelScale } from '../../../platform/schemas/index.ts';
import { findEnds, type ModelEnds } from '../../backends/index.ts';
import { OnnxGraph, onnxNames } from '../../onnx/index.ts';
import { addLabelScale } from './label-scale.ts';
import { describeLayer, type Layer, readWeights, type Weight } from './layer.ts';
import { layerExports } from './layers.ts';
import { channelsLast } from './layout.ts';
import type { Value } from './value.ts';

/** What a network's layers are added to, and the edge that they read. */
export interface NetworkStart {
  readonly graph: OnnxGraph;
  readonly input: string;
}

/** What a file has besides the network's layers. */
export interface NetworkFrame {
  /** A graph that makes the network's input out of the file's; without it they are the same. */
  readonly start?: NetworkStart | undefined;
  /** What the network's output means, if it is not the label itself. */
  readonly labelScale?: LabelScale | undefined;
}

/**
 * Writes a network as ONNX (opset 17, or that of what it stands on). Input `input` float32 [batch, …shape], channels last;
 * outputs `output` [batch, n] and `embedding` [batch, d], the input of the last layer. Equal networks and metadata give
 * equal bytes.
 *
 * @param metadata becomes the file's metadata_props
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED naming the layer, MODEL_UNSUPPORTED
 */
export async function exportOnnx(
  model: LayersModel,
  metadata: Readonly<Record<string, string>>,
  { start, labelScale }: NetworkFrame = {},
): Promise<Uint8Array> {
  const ends = findEnds(model);
  const { graph, input: name } = start ?? startPlain(ends);
  const weights = await readWeights(model.layers);
  const input = { name, shape: ends.input.shape, layout: 'channels-last' } as const;
  const values = new Map<number, Value>([[ends.input.id, input]]);
  for (const layer of model.layers) {
    if (layer.getClassName() === 'InputLayer') continue;
    addLayer({ graph, layer, weights, values, ends });
  }
  const output = valueFor(values, ends.output);
  const edge = labelScale ? addLabelScale(graph, output.name) : output.name;
  addOutput(graph, onnxNames.output, { ...output, name: edge });
  addOutput(graph, onnxNames.embedding, valueFor(values, ends.embedding));
  return graph.toBytes('network', metadata);
}

function startPlain({ input }: ModelEnds): NetworkStart {
  const graph = new OnnxGraph();
  graph.input(onnxNames.input, input.shape);
  return { graph, input: onnxNames.input };
}

interface Position {
  readonly graph: OnnxGraph;
  readonly layer: Layer;
  readonly weights: ReadonlyMap<string, Weight>;
  /** By the id of the symbolic tensor. */
  readonly values: Map<number, Value>;
  readonly ends: ModelEnds;
}

function addLayer({ graph, layer, weights, values, ends }: Position): void {
  const [node, ...others] = layer.inboundNodes;
  const [output] = node?.outputTensors ?? [];
  if (!node || !output) throw new Error(`layer ${layer.name} is not connected`);
  const isEnd = output.id === ends.output.id || output.id === ends.embedding.id;
  const context = describeLayer(graph, layer, weights, output, feedsDense(layer) && !isEnd);
  if (others.length > 0) throw context.unsupported('it is used more than once');
  const exportLayer = layerExports[context.className];
  if (!exportLayer) throw context.unsupported('this kind of layer has no ONNX form here');
  const inputs = node.inputTensors.map((tensor) => valueFor(values, tensor));
  values.set(output.id, exportLayer(context, inputs));
}

function feedsDense({ outboundNodes }: Layer): boolean {
  const [only, ...others] = outboundNodes;
  return others.length === 0 && only?.outboundLayer.getClassName() === 'Dense';
}

/** Outputs are flat, in the library's order of values. */
function addOutput(graph: OnnxGraph, name: string, value: Value): void {
  const { name: edge } = channelsLast(graph, value);
  const sizes = value.shape.slice(1).map((size) => size ?? 1);
  graph.output(name, [null, sizes.reduce((total, size) => total * size, 1)]);
  if (sizes.length === 1) graph.node('Identity', [edge], {}, name);
  else graph.node('Flatten', [edge], { axis: 1n }, name);
}

function valueFor(values: ReadonlyMap<number, Value>, tensor: SymbolicTensor): Value {
  const value = values.get(tensor.id);
  if (!value) throw new Error(`${tensor.name} is used before it is made`);
  return value;
}
