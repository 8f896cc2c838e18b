import { onnxNames } from '../onnx/index.ts';
import { type Grafted, graft, graftMaps, type Pictures } from './graft.ts';
import type { Backbone } from './parse-backbone.ts';

/** Writes the network that gives a backbone's features, with the ends of every packaged network. */
export function buildExtractor(backbone: Backbone, pictures: Pictures): Uint8Array {
  return withEnds(graft(backbone, pictures), 'features');
}

/** Writes the network that gives the tensor that a backbone was cut at, as {@link graftMaps} lays it out. */
export function buildMapsExtractor(
  backbone: Backbone,
  pictures: Pictures,
  shape: readonly number[],
): Uint8Array {
  const { graph, input } = graftMaps(backbone, pictures, shape.length);
  return withEnds({ graph, input: graph.node('Flatten', [input], { axis: 1n }) }, 'activations');
}

function withEnds({ graph, input }: Grafted, name: string): Uint8Array {
  for (const end of [onnxNames.output, onnxNames.embedding]) {
    graph.output(end, [null, 'width']);
    graph.node('Identity', [input], {}, end);
  }
  return graph.toBytes(name, {});
}
