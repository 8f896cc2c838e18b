import { type Static, Type } from 'typebox';
import type { ModelBuilder } from '../../define.ts';

/** The `model` part of params.json. */
export const modelParameters = Type.Object({
  filters: Type.Array(Type.Integer({ minimum: 4, maximum: 256 }), {
    minItems: 1,
    maxItems: 5,
    description:
      'filters of each convolution; every one is followed by a pooling that halves the picture',
  }),
  embedding: Type.Integer({
    minimum: 4,
    maximum: 512,
    description:
      'units of the layer before the last: what the refusal of strange pictures looks at',
  }),
  dropout: Type.Number({
    minimum: 0,
    maximum: 0.9,
    description: 'share of the values before the embedding that training drops at random',
  }),
});

/** Blocks of 3 × 3 convolution and pooling, a dense embedding, and one output per class. */
export const model: ModelBuilder<Static<typeof modelParameters>> = ({
  layers,
  inputShape,
  outputs,
  model: { filters, embedding, dropout },
}) => {
  const network = layers.sequential();
  filters.forEach((count, index) => {
    network.add(
      layers.layers.conv2d({
        filters: count,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: 'heNormal',
        ...(index === 0 ? { inputShape: [...inputShape] } : {}),
      }),
    );
    network.add(layers.layers.maxPooling2d({ poolSize: 2 }));
  });
  network.add(layers.layers.flatten());
  network.add(layers.layers.dropout({ rate: dropout }));
  network.add(
    layers.layers.dense({ units: embedding, activation: 'relu', kernelInitializer: 'heNormal' }),
  );
  network.add(layers.layers.dense({ units: outputs }));
  return network;
};
