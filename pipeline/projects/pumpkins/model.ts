import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type Static, Type } from 'typebox';
import type { ModelBuilder, ModelContext } from '../../define.ts';

/** The `model` part of params.json. */
export const modelParameters = Type.Object({
  filters: Type.Array(Type.Integer({ minimum: 4, maximum: 256 }), {
    minItems: 1,
    maxItems: 5,
    description:
      'filters of each convolution; a pooling after each but the last halves the picture',
  }),
  dropout: Type.Number({
    minimum: 0,
    maximum: 0.9,
    description: 'share of the embedding that training drops at random, against over-fitting',
  }),
});

/**
 * Blocks of 3 × 3 convolution and pooling. The embedding holds each last filter's strongest and mean answer:
 * the one finds a flaw wherever it is, the other tells what the picture is full of, by which strange
 * pictures are refused.
 */
export const model: ModelBuilder<Static<typeof modelParameters>> = (context) => {
  const { inputShape, outputs, model } = context;
  const { layers, input, model: build, SymbolicTensor: Symbolic } = context.layers;
  const connect = (layer: Layer, from: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => {
    const output = layer.apply(from);
    if (output instanceof Symbolic) return output;
    throw new TypeError(`${layer.name} gives more than one output`);
  };
  const start = input({ shape: [...inputShape] });
  const maps = model.filters.reduce((before, filters, index) => {
    const smaller = index === 0 ? before : connect(layers.maxPooling2d({ poolSize: 2 }), before);
    return connect(layers.conv2d({ ...convolution, filters }), smaller);
  }, start);
  const strongest = connect(layers.globalMaxPooling2d({}), maps);
  const mean = connect(layers.globalAveragePooling2d({}), maps);
  const embedding = connect(layers.concatenate(), [strongest, mean]);
  const kept = connect(layers.dropout({ rate: model.dropout }), embedding);
  const logits = connect(layers.dense({ units: outputs }), kept);
  return build({ inputs: start, outputs: logits });
};

type Layer = Pick<ReturnType<ModelContext<unknown>['layers']['layers']['dense']>, 'apply' | 'name'>;

const convolution = {
  kernelSize: 3,
  padding: 'same',
  activation: 'relu',
  kernelInitializer: 'heNormal',
} as const;
