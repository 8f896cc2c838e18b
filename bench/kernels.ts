/*
 * Times one training step of the reference CNN (conv 3×3×16, pool, conv 3×3×32, pool, dense 64, dense 3; Adam,
 * batch 32) on the wasm backend, on one core.
 *
 *   node bench/kernels.ts [--size=64] [--steps=60]
 */

import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { createOptimizer, startBackend } from '../pipeline/backends/index.ts';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createRandom } from '../platform/lib/random.ts';

const batch = 32;
const { values } = parseScript({
  options: { size: { type: 'string', default: '64' }, steps: { type: 'string', default: '60' } },
});
const size = Number(values.size);

await startBackend({ name: 'wasm' });
const times = await timeSteps(buildNetwork(), Number(values.steps));
const perImage = (share: number) =>
  ((times[Math.floor(share * times.length)] ?? 0) / batch).toFixed(2);
process.stdout.write(
  `${size} × ${size}: best ${perImage(0)}, median ${perImage(0.5)} ms per image and step (batch ${batch})\n`,
);

function buildNetwork(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({
        inputShape: [size, size, 3],
        filters: 16,
        kernelSize: 3,
        activation: 'relu',
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 3 }),
    ],
  });
}

/** Milliseconds of each step, sorted. */
async function timeSteps(network: LayersModel, steps: number): Promise<number[]> {
  const random = createRandom('bench');
  const shape = [batch, size, size, 3];
  const pixels = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.next());
  const images = tf.tensor(pixels, shape);
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 3),
      'int32',
    ),
    3,
  );
  const optimizer = await createOptimizer(1e-3);
  const loss = () => {
    const logits = network.apply(images, { training: true });
    if (!(logits instanceof tf.Tensor)) throw new Error('the network gave no single tensor');
    return tf.reshape<tf.Rank.R0>(tf.losses.softmaxCrossEntropy(labels, logits), []);
  };
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    const cost = optimizer.minimize(loss, true);
    await cost?.data();
    cost?.dispose();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}
