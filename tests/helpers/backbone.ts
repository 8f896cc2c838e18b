import { create, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema, OnnxGraph } from '../../pipeline/onnx/index.ts';

/** What a test may want otherwise of a small backbone. */
export interface SmallBackbone {
  readonly layout?: 'channels-first' | 'channels-last';
  /** Pixels per side; null for any. */
  readonly size?: number | null;
  readonly batch?: number | null;
  readonly operatorSet?: bigint;
  /** The last layer. */
  readonly last?: 'Gemm' | 'MatMul' | 'Softmax';
  /** Whether the features are [batch, width] or still [batch, width, 1, 1]. */
  readonly flat?: boolean;
  /** What stands between the pooled maps and the features. @returns the tensor that the last layer reads */
  readonly between?: (graph: OnnxGraph, pooled: string) => string;
}

/** How many features the small backbone has. */
export const featuresOfSmall = 6;

/**
 * A network as others publish them: a convolution, means over the picture, and a last layer for ten classes; its weights
 * are fixed. The tensor `pooled` is what the last layer reads.
 */
export function smallBackbone(options: SmallBackbone = {}): ModelProto {
  const { layout = 'channels-first', size = 32, batch = null, operatorSet = 17n } = options;
  const { last = 'Gemm', flat = true } = options;
  const graph = new OnnxGraph({ irVersion: 8n, opsetImport: [set(operatorSet)] });
  const side = size ?? 'side';
  const sides = [side, side];
  const shape = layout === 'channels-first' ? [batch, 3, ...sides] : [batch, ...sides, 3];
  graph.input('pictures', shape);
  const first =
    layout === 'channels-first'
      ? 'pictures'
      : graph.node('Transpose', ['pictures'], { perm: [0, 3, 1, 2] });
  const filters = graph.floats(
    wave(featuresOfSmall * 3 * 9),
    [featuresOfSmall, 3, 3, 3],
    'filters',
  );
  const convolved = graph.node('Conv', [first, filters], { strides: [2, 2] });
  const pooled = graph.node('GlobalAveragePool', [graph.node('Relu', [convolved])]);
  const features = flat ? graph.node('Flatten', [pooled], { axis: 1n }, 'pooled') : pooled;
  if (!flat) graph.node('Identity', [pooled], {}, 'pooled');
  graph.output('classes', [batch, 10]);
  const read = options.between?.(graph, features) ?? features;
  if (last === 'Softmax') graph.node('Softmax', [read], { axis: 1n }, 'classes');
  else {
    const weights = graph.floats(wave(featuresOfSmall * 10), [featuresOfSmall, 10], 'weights');
    graph.node(last, [read, weights], {}, 'classes');
  }
  return graph.toModel('small', {});
}

/** The file. */
export function bytesOf(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

function set(version: bigint) {
  return create(ModelProtoSchema, { opsetImport: [{ domain: '', version }] })
    .opsetImport[0] as ModelProto['opsetImport'][number];
}

/** Numbers that differ and stay the same from run to run. */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => Math.sin(at * 1.7));
}
