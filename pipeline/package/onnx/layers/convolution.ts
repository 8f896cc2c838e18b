import { Type } from 'typebox';
import { activate } from '../activation.ts';
import { type LayerContext, type LayerExport, onlyInput, type Weight } from '../layer.ts';
import { channelsFirst, permute, product } from '../layout.ts';
import type { Value } from '../value.ts';
import { Pair, padsOf, WindowConfig } from '../windows.ts';

const ConvolutionConfig = Type.Object({
  ...WindowConfig.properties,
  kernelSize: Type.Union([Pair, Type.Integer()]),
  dilationRate: Type.Union([Pair, Type.Tuple([Type.Integer()]), Type.Integer()]),
  activation: Type.String(),
});
type ConvolutionConfig = Type.Static<typeof ConvolutionConfig>;

/** One convolution: its kernel as ONNX wants it, [outputs, inputs / group, height, width]. */
interface Convolution {
  readonly kernel: Weight;
  readonly weightName: string;
  readonly group: number;
  readonly bias: Weight | null;
}

/** Exports Conv2D. */
export const exportConv2d: LayerExport = (context, inputs) => {
  const config = context.config(ConvolutionConfig);
  const kernel = permute(context.needWeight('kernel'), [3, 2, 0, 1]);
  const input = channelsFirst(context.graph, onlyInput(context, inputs));
  const bias = context.weight('bias');
  const convolution = { kernel, weightName: 'kernel', group: 1, bias };
  return activate(context, config.activation, convolve(context, input, config, convolution));
};

/** Exports DepthwiseConv2D: as many groups as channels. */
export const exportDepthwiseConv2d: LayerExport = (context, inputs) => {
  const config = context.config(ConvolutionConfig);
  const input = channelsFirst(context.graph, onlyInput(context, inputs));
  const depthwise = depthwiseOf(context, context.weight('bias'));
  return activate(context, config.activation, convolve(context, input, config, depthwise));
};

/** Exports SeparableConv2D: a depthwise convolution, then one over single pixels that mixes the channels. */
export const exportSeparableConv2d: LayerExport = (context, inputs) => {
  const config = context.config(ConvolutionConfig);
  const input = channelsFirst(context.graph, onlyInput(context, inputs));
  const middle = convolve(context, input, config, depthwiseOf(context, null));
  const kernel = permute(context.needWeight('pointwise_kernel'), [3, 2, 0, 1]);
  const bias = context.weight('bias');
  const pointwise = { kernel, weightName: 'pointwise_kernel', group: 1, bias };
  const single = { ...config, strides: [1, 1] as [number, number], dilationRate: 1 };
  return activate(context, config.activation, convolve(context, middle, single, pointwise));
};

/** Reorders a depthwise kernel: [height, width, channels, multiplier] → [channels × multiplier, 1, height, width]. */
function depthwiseOf(context: LayerContext, bias: Weight | null): Convolution {
  const weight = context.needWeight('depthwise_kernel');
  const [, , channels = 1] = weight.shape;
  const [c = 1, q = 1, height = 1, width = 1] = permute(weight, [2, 3, 0, 1]).shape;
  const { values } = permute(weight, [2, 3, 0, 1]);
  const kernel = { values, shape: [c * q, 1, height, width] };
  return { kernel, weightName: 'depthwise_kernel', group: channels, bias };
}

function convolve(
  context: LayerContext,
  input: Value,
  config: ConvolutionConfig,
  { kernel, weightName, group, bias }: Convolution,
): Value {
  const { graph, name } = context;
  const [, , height = 1, width = 1] = kernel.shape;
  const dilations = pairOf(config.dilationRate);
  const reach = [(height - 1) * dilations[0] + 1, (width - 1) * dilations[1] + 1] as const;
  const weights = [graph.floats(kernel.values, kernel.shape, `${name}/${weightName}`)];
  if (bias) weights.push(graph.floats(bias.values, [product(bias.shape)], `${name}/bias`));
  const output = graph.node('Conv', [input.name, ...weights], {
    kernel_shape: [height, width],
    strides: config.strides,
    dilations,
    group: BigInt(group),
    pads: padsOf(context, input, config, reach),
  });
  return { name: output, shape: context.outputShape, layout: 'channels-first' };
}

function pairOf(value: number | [number] | [number, number]): [number, number] {
  if (typeof value === 'number') return [value, value];
  const [first, second = first] = value;
  return [first, second];
}
