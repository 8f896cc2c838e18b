import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../../platform/schemas/define/index.ts';

/** The `model` part of params.json. */
export const modelParameters = Type.Object({
  hidden: Type.Array(Type.Integer({ minimum: 2, maximum: 256 }), {
    minItems: 1,
    maxItems: 4,
    description: 'units of each hidden layer; wider or deeper if the training loss stays high',
  }),
});

/** A multi-layer perceptron: dense layers with ReLU, then one logit per species. */
export const model: ModelBuilder<Static<typeof modelParameters>> = ({
  layers,
  inputShape,
  outputs,
  model: { hidden },
}) => {
  const network = layers.sequential();
  hidden.forEach((units, index) => {
    network.add(
      layers.layers.dense({
        units,
        activation: 'relu',
        kernelInitializer: 'heNormal',
        ...(index === 0 ? { inputShape: [...inputShape] } : {}),
      }),
    );
  });
  network.add(layers.layers.dense({ units: outputs }));
  return network;
};
