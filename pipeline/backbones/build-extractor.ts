import { onnxNames } from '../onnx/index.ts';
import { graft, type Pictures } from './graft.ts';
import type { Backbone } from './parse-backbone.ts';

/** Writes the network that gives a backbone's features, with the ends of every packaged network. */
export function buildExtractor(backbone: Backbone, pictures: Pictures): Uint8Array {
  const { graph, input } = graft(backbone, pictures);
  for (const name of [onnxNames.output, onnxNames.embedding]) {
    graph.output(name, [null, 'width']);
    graph.node('Identity', [input], {}, name);
  }
  return graph.toBytes('features', {});
}
