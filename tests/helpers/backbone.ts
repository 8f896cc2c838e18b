import { create, toBinary } from '@bufbuild/protobuf';
import {
  type Attribute,
  type ModelProto,
  ModelProtoSchema,
  OnnxGraph,
} from '../../pipeline/onnx/index.ts';

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
  /** The number of its input's type, of which floats are made first; without it, it takes floats. */
  readonly castFrom?: number;
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
  const taken =
    options.castFrom === undefined ? 'pictures' : graph.node('Cast', ['pictures'], { to: 1n });
  const first =
    layout === 'channels-first' ? taken : graph.node('Transpose', [taken], { perm: [0, 3, 1, 2] });
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
  return withInputType(graph.toModel('small', {}), options.castFrom ?? 1);
}

/** The same network, which says that its input is of another type. */
export function withInputType(model: ModelProto, elemType: number): ModelProto {
  const declared = model.graph?.input[0]?.type?.value;
  if (declared?.case === 'tensorType') declared.value.elemType = elemType;
  return model;
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

/** How many features the backbone with blocks has. */
export const featuresOfBlocks = 8;

/**
 * A network of three blocks as others publish them: an inverted bottleneck with a residual, one with a stride and borders that
 * are not the same on both sides, and a convolution; with batch norm that nobody folded. It takes pictures of 32 pixels.
 */
export function blockBackbone({ last = 'Relu' }: { readonly last?: string } = {}): ModelProto {
  const graph = new OnnxGraph({ irVersion: 8n, opsetImport: [set(17n)] });
  graph.input('pictures', [null, 3, 32, 32]);
  const six = (value: string) => graph.node('Clip', [value, graph.scalar(0), graph.scalar(6)]);
  const conv = (
    input: string,
    dims: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ) => {
    const length = dims.reduce((product, size) => product * size, 1);
    const spread = Math.sqrt(2 / (length / (dims[0] ?? 1)));
    const filters = graph.floats(
      wave(length).map((value) => spread * value),
      dims,
    );
    const settings = { kernel_shape: dims.slice(2), ...attributes };
    // So that no channel is always 0 after its Relu.
    const bias = graph.floats(new Float32Array(dims[0] ?? 1).fill(0.5), [dims[0] ?? 1]);
    return graph.node('Conv', [input, filters, bias], settings);
  };
  const normalised = (input: string, channels: number) => {
    const statistics = [1, 0.1, 0, 1].map((base, at) =>
      graph.floats(
        wave(channels).map((value) => base + Math.abs(value) * 0.1 * (at + 1)),
        [channels],
      ),
    );
    return graph.node('BatchNormalization', [input, ...statistics], { epsilon: 1e-3 });
  };
  const alone = { group: 8n, pads: [1, 1, 1, 1] };
  const stem = six(conv('pictures', [4, 3, 3, 3], { strides: [2, 2], pads: [0, 0, 1, 1] }));
  const inner = six(normalised(conv(six(conv(stem, [8, 4, 1, 1])), [8, 1, 3, 3], alone), 8));
  const first = graph.node('Add', [conv(inner, [4, 8, 1, 1]), stem], {}, 'first');
  const wide = six(normalised(conv(first, [8, 4, 1, 1]), 8));
  const padded = graph.node('Pad', [wide, graph.integers([0, 0, 0, 0, 0, 0, 1, 1])]);
  const second = conv(conv(padded, [8, 1, 3, 3], { group: 8n, strides: [2, 2] }), [4, 8, 1, 1]);
  graph.node('Identity', [second], {}, 'second');
  const top = graph.node(last, [conv('second', [featuresOfBlocks, 4, 3, 3])]);
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [top])], { axis: 1n });
  graph.output('classes', [null, 10]);
  const weights = graph.floats(wave(featuresOfBlocks * 10), [featuresOfBlocks, 10], 'weights');
  graph.node('Gemm', [pooled, weights], {}, 'classes');
  return graph.toModel('blocks', {});
}
