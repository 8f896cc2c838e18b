import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

type Layer = LayersModel['layers'][number];

/**
 * Layers of the library of which each call makes the same operations with the same constants. Recurrent layers and nested models may
 * not, and what a project defines may do anything.
 */
const repeatable: ReadonlySet<string> = new Set([
  'Activation',
  'Add',
  'Average',
  'AveragePooling1D',
  'AveragePooling2D',
  'BatchNormalization',
  'Concatenate',
  'Conv1D',
  'Conv2D',
  'Dense',
  'DepthwiseConv2D',
  'Dropout',
  'ELU',
  'Flatten',
  'GlobalAveragePooling1D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling1D',
  'GlobalMaxPooling2D',
  'InputLayer',
  'LayerNormalization',
  'LeakyReLU',
  'MaxPooling1D',
  'MaxPooling2D',
  'Multiply',
  'PReLU',
  'ReLU',
  'Reshape',
  'SeparableConv2D',
  'Softmax',
  'ZeroPadding2D',
]);

/**
 * Whether a step of this network makes the same operations on every batch of one size. Penalties on weights are functions that a
 * project may have written, so a network with any is not.
 */
export function isRepeatable({ layers }: Pick<LayersModel, 'layers'>): boolean {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return layers.every((layer: Layer) => {
    const name = layer.getClassName();
    const isKnown = repeatable.has(name) && classNameMap[name]?.[0] === layer.constructor;
    return isKnown && layer.losses.length === 0;
  });
}
