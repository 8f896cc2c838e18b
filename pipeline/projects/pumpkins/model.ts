import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../../platform/schemas/define/index.ts';

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
 * Blocks of 3 × 3 convolution and pooling, the last pooled over the whole picture: a flaw counts wherever it
 * is. A small dense layer sums up what was found; one output per class.
 */
export const model: ModelBuilder<Static<typeof modelParameters>> = (context) => {
  const { inputShape, outputs, model } = context;
  const { layers, sequential } = context.layers;
  const network = sequential();
  let side = inputShape[0] ?? 0;
  for (const [index, filters] of model.filters.entries()) {
    const input = index === 0 ? { inputShape: [...inputShape] } : {};
    network.add(layers.conv2d({ ...convolution, ...input, filters }));
    const poolSize = index === model.filters.length - 1 ? side : 2;
    network.add(layers.maxPooling2d({ poolSize }));
    side = Math.floor(side / 2);
  }
  network.add(layers.flatten());
  network.add(layers.dropout({ rate: model.dropout }));
  network.add(layers.dense({ units: model.flaws, activation: 'relu' }));
  network.add(layers.dense({ units: outputs }));
  return network;
};

const convolution = {
  kernelSize: 3,
  padding: 'same',
  activation: 'relu',
  kernelInitializer: 'heNormal',
} as const;
