import { type Static, Type } from 'typebox';
import type { ModelContext } from '../../define.ts';

/** The `model` part of params.json. */
export const parameters = Type.Object({
  hidden: Type.Array(Type.Integer({ minimum: 2, maximum: 256 }), {
    minItems: 1,
    maxItems: 4,
    description: 'units of each hidden layer; wider or deeper if the training loss stays high',
  }),
});

/** A multi-layer perceptron: dense layers with ReLU, then one logit per species. */
export function buildModel(context: ModelContext<Static<typeof parameters>>) {
  const { layers, inputShape, outputs, model } = context;
  const hidden = model.hidden.map((units) => layers.layers.dense({ units, activation: 'relu' }));
  return layers.sequential({
    layers: [
      layers.layers.inputLayer({ inputShape: [...inputShape] }),
      ...hidden,
      layers.layers.dense({ units: outputs }),
    ],
  });
}
