import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type Static, Type } from 'typebox';
import type { ModelBuilder, ModelContext } from '../../define.ts';

/** The `model` part of params.json. */
export const modelParameters = Type.Object({
  filters: Type.Array(Type.Integer({ minimum: 4, maximum: 256 }), {
    minItems: 2,
    maxItems: 5,
    description:
      'filters of each convolution; a pooling after each but the last halves the picture',
  }),
  flaws: Type.Integer({
    minimum: 2,
    maximum: 128,
    description: 'units that sum up what the last filters found; raise it if classes stay mixed up',
  }),
  dropout: Type.Number({
    minimum: 0,
    maximum: 0.9,
    description:
      "share of the last filters' answers that training drops at random, against over-fitting",
  }),
});

/**
 * Blocks of 3 × 3 convolution and pooling. The last block's strongest answers find a flaw wherever it is. The
 * mean answers of the blocks before tell what the picture is full of: with them in the embedding, pictures
 * without a pumpkin's colours and textures lie far from all that the network was trained on.
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
  const means: SymbolicTensor[] = [];
  const last = model.filters.reduce((before, filters, index) => {
    const maps = connect(layers.conv2d({ ...convolution, filters }), before);
    if (index === model.filters.length - 1) return maps;
    means.push(connect(layers.globalAveragePooling2d({}), maps));
    return connect(layers.maxPooling2d({ poolSize: 2 }), maps);
  }, start);
  const strongest = connect(layers.globalMaxPooling2d({}), last);
  const kept = connect(layers.dropout({ rate: model.dropout }), strongest);
  const flaws = connect(layers.dense({ units: model.flaws, activation: 'relu' }), kept);
  const embedding = connect(layers.concatenate(), [flaws, ...means]);
  const logits = connect(layers.dense({ units: outputs }), embedding);
  return build({ inputs: start, outputs: logits });
};

type Layer = Pick<ReturnType<ModelContext<unknown>['layers']['layers']['dense']>, 'apply' | 'name'>;

const convolution = {
  kernelSize: 3,
  padding: 'same',
  activation: 'relu',
  kernelInitializer: 'heNormal',
} as const;
