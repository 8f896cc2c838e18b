import { Type } from 'typebox';
import { activate } from '../activation.ts';
import { type LayerContext, type LayerExport, onlyInput } from '../layer.ts';
import { channelsFirst, channelsLast } from '../layout.ts';

const ActivationConfig = Type.Object({ activation: Type.String() });

/** Exports Activation. */
export const exportActivation: LayerExport = (context, inputs) => {
  const { activation } = context.config(ActivationConfig);
  return activate(context, activation, onlyInput(context, inputs));
};

const ReluConfig = Type.Object({
  maxValue: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});

/** Exports ReLU, with or without a ceiling. */
export const exportRelu: LayerExport = (context, inputs) => {
  const { maxValue } = context.config(ReluConfig);
  const input = onlyInput(context, inputs);
  const { graph } = context;
  if (maxValue === undefined || maxValue === null) return activate(context, 'relu', input);
  const bounds = [graph.scalar(0), graph.scalar(maxValue)];
  return { ...input, name: graph.node('Clip', [input.name, ...bounds]) };
};

const AlphaConfig = Type.Object({ alpha: Type.Number() });

/** Exports LeakyReLU and ELU. */
export function exportSloped(operator: 'LeakyRelu' | 'Elu'): LayerExport {
  return (context, inputs) => {
    const { alpha } = context.config(AlphaConfig);
    const input = onlyInput(context, inputs);
    return { ...input, name: context.graph.node(operator, [input.name], { alpha }) };
  };
}

const SoftmaxConfig = Type.Object({ axis: Type.Integer() });

/** Exports Softmax over the last axis. */
export const exportSoftmax: LayerExport = (context, inputs) => {
  const { axis } = context.config(SoftmaxConfig);
  const input = onlyInput(context, inputs);
  assertLastAxis(context, axis, input.shape.length);
  return activate(context, 'softmax', input);
};

const RescalingConfig = Type.Object({ scale: Type.Number(), offset: Type.Number() });

/** Exports Rescaling: x × scale + offset. */
export const exportRescaling: LayerExport = (context, inputs) => {
  const { scale, offset } = context.config(RescalingConfig);
  const input = onlyInput(context, inputs);
  const { graph } = context;
  const scaled = graph.node('Mul', [input.name, graph.scalar(scale)]);
  return { ...input, name: graph.node('Add', [scaled, graph.scalar(offset)]) };
};

const BatchNormalizationConfig = Type.Object({ axis: Type.Integer(), epsilon: Type.Number() });

/** Exports BatchNormalization over the last axis, with the moving statistics. */
export const exportBatchNormalization: LayerExport = (context, inputs) => {
  const { axis, epsilon } = context.config(BatchNormalizationConfig);
  const input = onlyInput(context, inputs);
  const rank = input.shape.length;
  if (rank !== 2 && rank !== 4) throw context.unsupported(`its input has rank ${rank}`);
  assertLastAxis(context, axis, rank);
  const { graph, name, weight, needWeight } = context;
  const mean = needWeight('moving_mean');
  const size = mean.values.length;
  const statistics = {
    gamma: weight('gamma')?.values ?? new Float32Array(size).fill(1),
    beta: weight('beta')?.values ?? new Float32Array(size),
    mean: mean.values,
    variance: needWeight('moving_variance').values,
  };
  const source = rank === 4 ? channelsFirst(graph, input) : channelsLast(graph, input);
  const constants = Object.entries(statistics).map(([key, values]) =>
    graph.floats(values, [size], `${name}/${key}`),
  );
  const output = graph.node('BatchNormalization', [source.name, ...constants], { epsilon });
  return { ...source, name: output, shape: context.outputShape };
};

function assertLastAxis({ unsupported }: LayerContext, axis: number, rank: number): void {
  if (axis !== -1 && axis !== rank - 1) throw unsupported('it is not over the last axis');
}
