import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../../platform/schemas/define/index.ts';

/** The `model` part of params.json: what an experiment may change without touching code. */
export const modelParameters = Type.Object({
  hidden: Type.Array(Type.Integer({ minimum: 2, maximum: 1024 }), {
    minItems: 1,
    maxItems: 6,
    description: 'units of each hidden layer; wider or deeper if the training loss stays high',
  }),
  dropout: Type.Number({
    minimum: 0,
    maximum: 0.9,
    description: 'share of values that training drops at random; more against overfitting',
  }),
});

/**
 * A multi-layer perceptron: dense layers with ReLU, then one logit per class, or the value for regression.
 * The last layer must have no activation.
 */
export const model: ModelBuilder<Static<typeof modelParameters>> = ({
  layers: { layers, sequential },
  inputShape,
  outputs,
  model: { hidden, dropout },
}) => {
  const seen = layers.inputLayer({ inputShape: [...inputShape] });
  const body = hidden.map((units) =>
    layers.dense({ units, activation: 'relu', kernelInitializer: 'heNormal' }),
  );
  const head = [layers.dropout({ rate: dropout }), layers.dense({ units: outputs })];
  return sequential({ layers: [seen, ...body, ...head] });
};
