import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createRandom } from '../../../../platform/lib/random.ts';

/** The cross entropy of some examples, and its gradients by every weight. */
export interface TrainingGradients {
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
}

/** On the current backend. */
export function trainingGradients(network: LayersModel, examples: number): TrainingGradients {
  const shape = (network.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
  // A dropout layer would draw its mask at random.
  const training = !network.layers.some((layer) => layer.getClassName() === 'Dropout');
  return tf.tidy(() => {
    const values = randomValues('images', examples * tf.util.sizeFromShape(shape));
    const images = tf.tensor(values, [examples, ...shape]);
    const classes = Array.from({ length: examples }, (_, row) => row % 3);
    const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), network.outputs[0]?.shape[1] ?? 1);
    const { value, grads } = tf.variableGrads(() => {
      const logits = network.apply(images, { training });
      if (!(logits instanceof tf.Tensor)) throw new Error('the network has one output');
      return tf.reshape<tf.Rank.R0>(tf.losses.softmaxCrossEntropy(labels, logits), []);
    });
    const gradients = Object.values(grads).map((tensor) => Float32Array.from(tensor.dataSync()));
    return { loss: value.dataSync()[0] ?? Number.NaN, gradients };
  });
}

/** How far the losses are apart, and the gradients as a share of the largest one of the reference. */
export function gapOf(reference: TrainingGradients, other: TrainingGradients) {
  const largest = Math.max(...reference.gradients.flatMap((each) => [...each].map(Math.abs)));
  const gaps = other.gradients.flatMap((each, at) =>
    [...each].map((value, i) => Math.abs(value - (reference.gradients[at]?.[i] ?? Number.NaN))),
  );
  return {
    loss: Math.abs(other.loss - reference.loss),
    gradients: Math.max(...gaps) / largest,
  };
}

/** Draws of a normal distribution, the same for the same seed. */
export function randomValues(seed: string, count: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}
