import { Type } from 'typebox';
import { activate } from '../activation.ts';
import { type LayerContext, type LayerExport, onlyInput, type Weight } from '../layer.ts';
import { channelsLast } from '../layout.ts';
import type { Value } from '../value.ts';

const DenseConfig = Type.Object({ activation: Type.String() });

/** Exports Dense, over the last axis. */
export const exportDense: LayerExport = (context, inputs) => {
  const { activation } = context.config(DenseConfig);
  const input = channelsLast(context.graph, onlyInput(context, inputs));
  const kernel = kernelFor(context.needWeight('kernel'), input);
  const flat = input.shape.length === 2;
  const name = flat ? gemm(context, input, kernel) : matMul(context, input, kernel);
  return activate(context, activation, {
    name,
    shape: context.outputShape,
    layout: 'channels-last',
  });
};

function gemm({ graph, name, weight }: LayerContext, input: Value, kernel: Weight): string {
  const bias = weight('bias');
  const weights = [graph.floats(kernel.values, kernel.shape, `${name}/kernel`)];
  if (bias) weights.push(graph.floats(bias.values, bias.shape, `${name}/bias`));
  return graph.node('Gemm', [input.name, ...weights]);
}

function matMul({ graph, name, weight }: LayerContext, input: Value, kernel: Weight): string {
  const bias = weight('bias');
  const weights = graph.floats(kernel.values, kernel.shape, `${name}/kernel`);
  const product = graph.node('MatMul', [input.name, weights]);
  if (!bias) return product;
  return graph.node('Add', [product, graph.floats(bias.values, bias.shape, `${name}/bias`)]);
}

/** The kernel with its rows in the order in which a channels-first image was flattened. */
function kernelFor(kernel: Weight, { flattened }: Value): Weight {
  if (!flattened) return kernel;
  const [height, width, channels] = flattened;
  const [, units = 1] = kernel.shape;
  const values = new Float32Array(kernel.values.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (pixel * channels + channel) * units;
      const to = (channel * height * width + pixel) * units;
      values.set(kernel.values.subarray(from, from + units), to);
    }
  }
  return { shape: kernel.shape, values };
}
