import { Type } from 'typebox';
import { type LayerExport, onlyInput } from '../layer.ts';
import { channelsFirst, channelsLast, imageSize } from '../layout.ts';
import { Pair } from '../windows.ts';

/** Exports layers that only matter while training: their input is their output. */
export const exportNothing: LayerExport = (context, inputs) => onlyInput(context, inputs);

/** Exports Flatten. Before a dense layer an image stays channels-first and the dense layer's rows move instead. */
export const exportFlatten: LayerExport = (context, inputs) => {
  const input = onlyInput(context, inputs);
  const reorders = input.layout === 'channels-first' && context.feedsDense;
  const source = reorders ? input : channelsLast(context.graph, input);
  const name = context.graph.node('Flatten', [source.name], { axis: 1n });
  const flat = { name, shape: context.outputShape, layout: 'channels-last' } as const;
  if (!reorders) return flat;
  const [height, width] = imageSize(context, input);
  return { ...flat, flattened: [height, width, input.shape[3] ?? 1] };
};

/** Exports Reshape, to a fixed shape behind the batch. */
export const exportReshape: LayerExport = (context, inputs) => {
  const input = channelsLast(context.graph, onlyInput(context, inputs));
  // 0 keeps the batch as it is.
  const target = [0, ...context.outputShape.slice(1).map((size) => size ?? -1)];
  const name = context.graph.node('Reshape', [input.name, context.graph.integers(target)]);
  return { name, shape: context.outputShape, layout: 'channels-last' };
};

const PaddingConfig = Type.Object({
  padding: Type.Tuple([Pair, Pair]),
  dataFormat: Type.Literal('channelsLast'),
});

/** Exports ZeroPadding2D. */
export const exportZeroPadding: LayerExport = (context, inputs) => {
  const [[top, bottom], [left, right]] = context.config(PaddingConfig).padding;
  const input = channelsFirst(context.graph, onlyInput(context, inputs));
  const pads = context.graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  const name = context.graph.node('Pad', [input.name, pads]);
  return { name, shape: context.outputShape, layout: 'channels-first' };
};

const UpSamplingConfig = Type.Object({
  size: Pair,
  interpolation: Type.Optional(Type.Literal('nearest')),
  dataFormat: Type.Literal('channelsLast'),
});

/** Exports UpSampling2D that repeats pixels. */
export const exportUpSampling: LayerExport = (context, inputs) => {
  const { size } = context.config(UpSamplingConfig);
  const { graph } = context;
  const input = channelsFirst(graph, onlyInput(context, inputs));
  const scales = graph.floats(Float32Array.of(1, 1, ...size), [4]);
  const name = graph.node('Resize', [input.name, '', scales], {
    mode: 'nearest',
    nearest_mode: 'floor',
    coordinate_transformation_mode: 'asymmetric',
  });
  return { name, shape: context.outputShape, layout: 'channels-first' };
};
