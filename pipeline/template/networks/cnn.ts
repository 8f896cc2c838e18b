import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../../platform/schemas/define/index.ts';

/** The `model` part of params.json: what an experiment may change without touching code. */
export const modelParameters = Type.Object({
  filters: Type.Array(Type.Integer({ minimum: 4, maximum: 256 }), {
    minItems: 1,
    maxItems: 5,
    description: 'filters of each convolution; every one is followed by a pooling by two',
  }),
  embedding: Type.Integer({
    minimum: 4,
    maximum: 512,
    description:
      'units of the layer before the last: what out-of-distribution distance is measured in',
  }),
  dropout: Type.Number({
    minimum: 0,
    maximum: 0.9,
    description: 'share of values that training drops at random; more against overfitting',
  }),
});

/**
 * A convolutional network: blocks of 3 × 3 convolution and pooling, a dense embedding, one logit per class.
 * The last layer must have no activation.
 */
export const model: ModelBuilder<Static<typeof modelParameters>> = ({
  layers: { layers, sequential },
  inputShape,
  outputs,
  model: { filters, embedding, dropout },
}) => {
  const seen = layers.inputLayer({ inputShape: [...inputShape] });
  const blocks = filters.flatMap((count) => [
    layers.conv2d({
      filters: count,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: 'heNormal',
    }),
    layers.maxPooling2d({ poolSize: 2 }),
  ]);
  const head = [
    layers.flatten(),
    layers.dropout({ rate: dropout }),
    layers.dense({ units: embedding, activation: 'relu', kernelInitializer: 'heNormal' }),
    layers.dense({ units: outputs }),
  ];
  return sequential({ layers: [seen, ...blocks, ...head] });
};
