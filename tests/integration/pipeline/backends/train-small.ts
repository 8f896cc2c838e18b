/*
 * Trains a small network of every kind of layer for some steps on the wasm backend and prints the digest of its weights and
 * outputs. MAINSTEM_THREADS says on how many threads. Run by threads.test.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { createOptimizer, startBackend } from '../../../../pipeline/backends/index.ts';
import { seedMathRandom } from '../../../../pipeline/training/seed.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

await startBackend({ name: 'wasm' });
seedMathRandom('threads');
const shape = [16, 32, 32, 3];
const { conv2d, batchNormalization, reLU, maxPooling2d, depthwiseConv2d, dense } = layers;
const network = sequential({
  layers: [
    conv2d({ inputShape: shape.slice(1), filters: 16, kernelSize: 3, useBias: false }),
    batchNormalization(),
    reLU(),
    maxPooling2d({ poolSize: 2 }),
    depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
    conv2d({ filters: 20, kernelSize: 3, activation: 'relu' }),
    maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    conv2d({ filters: 32, kernelSize: 3, strides: 2, activation: 'relu' }),
    layers.flatten(),
    dense({ units: 128, activation: 'relu' }),
    dense({ units: 3 }),
  ],
});
const random = createRandom('pictures');
const pixels = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.next());
const pictures = tf.tensor(pixels, shape);
const classes = Array.from({ length: 16 }, (_, row) => row % 3);
const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), 3);
const optimizer = await createOptimizer(0.01);
const kept: tf.Tensor[] = [];
for (let step = 0; step < 6; step++) {
  optimizer.minimize(() => {
    const logits = network.apply(pictures, { training: true });
    if (!(logits instanceof tf.Tensor)) throw new Error('the network gave no single tensor');
    return tf.reshape<tf.Rank.R0>(tf.losses.softmaxCrossEntropy(labels, logits), []);
  });
  // The heap grows while other threads compute on it: 40 MB at a time, above the 16 MB that it begins with.
  kept.push(tf.zeros([10_000_000]));
}
const values = network.getWeights().map((weight) => new Uint8Array(weight.dataSync().buffer));
process.stdout.write(digestBytes(Buffer.concat(values)));
