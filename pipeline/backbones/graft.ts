import type { BackbonePixels } from '../../platform/schemas/define/index.ts';
import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import { OnnxGraph, onnxNames } from '../onnx/index.ts';
import type { Backbone } from './parse-backbone.ts';

/** How pictures reach a backbone. */
export interface Pictures {
  /** What the file's input is, as for any network: [batch, size, size, 3], uint8 × scale + offset. */
  readonly preprocessing: ImagePreprocessing;
  readonly pixels: BackbonePixels;
}

/** Names of a backbone do not meet those of the layers on top of it. */
const prefix = 'backbone/';

/** A file that was started, and the edge that what follows reads. */
export interface Grafted {
  readonly graph: OnnxGraph;
  readonly input: string;
}

/**
 * Starts a file whose input is that of every network for images here, and that has the backbone's features as an inner
 * edge.
 */
export function graft(backbone: Backbone, pictures: Pictures): Grafted {
  const { graph, input } = graftNodes(backbone, pictures);
  // Some networks pool to [batch, width, 1, 1].
  return { graph, input: graph.node('Flatten', [input], { axis: 1n }) };
}

/**
 * The same with the tensor that a backbone was cut at as it is, but that its channels stand last.
 *
 * @param rank how many axes it has, without the batch
 */
export function graftMaps(backbone: Backbone, pictures: Pictures, rank: number): Grafted {
  const { graph, input } = graftNodes(backbone, pictures);
  if (rank !== 3) return { graph, input };
  return { graph, input: graph.node('Transpose', [input], { perm: [0, 2, 3, 1] }) };
}

function graftNodes(backbone: Backbone, { preprocessing, pixels }: Pictures): Grafted {
  const graph = new OnnxGraph(backbone.model);
  const { size } = preprocessing;
  graph.input(onnxNames.input, [null, size, size, 3]);
  const scaled = rescale(graph, preprocessing, pixels);
  const laidOut =
    backbone.layout === 'channels-first'
      ? graph.node('Transpose', [scaled], { perm: [0, 3, 1, 2] })
      : scaled;
  const rename = (name: string) => {
    if (name === '') return name;
    return name === backbone.input ? laidOut : `${prefix}${name}`;
  };
  graph.adopt(
    backbone.nodes.map((node) => ({
      ...node,
      name: rename(node.name),
      input: node.input.map(rename),
      output: node.output.map(rename),
    })),
    backbone.weights.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
  );
  return { graph, input: rename(backbone.features) };
}

/** From uint8 × scale + offset to (uint8 − mean) / deviation, channel by channel, in one multiplication and addition. */
function rescale(
  graph: OnnxGraph,
  { scale, offset }: ImagePreprocessing,
  { mean, deviation }: BackbonePixels,
): string {
  const factors = deviation.map((value) => 1 / (scale * value));
  const shifts = deviation.map(
    (value, channel) => (-offset / scale - (mean[channel] ?? 0)) / value,
  );
  const constant = (values: readonly number[], name: string) =>
    graph.floats(Float32Array.from(values), [1, 1, 1, values.length], name);
  const multiplied = graph.node('Mul', [onnxNames.input, constant(factors, 'pixel factors')]);
  return graph.node('Add', [multiplied, constant(shifts, 'pixel shifts')]);
}
