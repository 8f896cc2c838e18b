import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../../platform/schemas/define/index.ts';

/** The `model` part of params.json: what an experiment may change without touching code. */
export const modelParameters = Type.Object({
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
 * Layers on top of a backbone's features: a dense embedding, one logit per class. The last layer must have no activation.
 */
export const model: ModelBuilder<Static<typeof modelParameters>> = ({
  layers: { layers, sequential },
  inputShape,
  outputs,
  model: { embedding, dropout },
}) =>
  sequential({
    layers: [
      layers.inputLayer({ inputShape: [...inputShape] }),
      layers.dropout({ rate: dropout }),
      layers.dense({ units: embedding, activation: 'relu', kernelInitializer: 'heNormal' }),
      layers.dropout({ rate: dropout }),
      layers.dense({ units: outputs }),
    ],
  });
