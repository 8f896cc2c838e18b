import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import {
  type AdamOptimizer,
  createOptimizer,
  startBackend,
} from '../../../../pipeline/backends/index.ts';
import { numbered, randomTensor, worstDifference } from './compare-backends.ts';

beforeAll(() => startBackend({ name: 'wasm' }));

/** Takes so many steps towards a target, with a learning rate that falls. */
async function descend(variable: tf.Variable, steps: number): Promise<void> {
  const optimizer = await createOptimizer(0.05);
  const target = randomTensor('target', variable.shape);
  for (let step = 0; step < steps; step++) {
    optimizer.learningRate = 0.05 / (step + 1);
    optimizer.minimize(() => tf.sum(tf.square(tf.sub(variable, target))), false, [variable]);
  }
  target.dispose();
  optimizer.dispose();
}

test('the fused step equals the composed one for any number of values', async () => {
  for (const size of [1, 3, 4, 5, 1003]) {
    const difference = await worstDifference(() => {
      const value = randomTensor('value', [size]);
      const gradient = randomTensor('gradient', [size]);
      const [first, second] = [
        randomTensor('first', [size]),
        tf.square(randomTensor('second', [size])),
      ];
      const attributes = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 3 };
      if (tf.getBackend() === 'wasm') {
        return tf
          .engine()
          .runKernel('AdamStep', numbered({ value, gradient, first, second }), attributes);
      }
      const m = tf.add(tf.mul(first, 0.9), tf.mul(gradient, 0.1));
      const v = tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradient), 0.001));
      const spread = tf.add(tf.sqrt(tf.div(v, 1 - 0.999 ** 3)), 1e-7);
      return [tf.sub(value, tf.mul(tf.div(tf.div(m, 1 - 0.9 ** 3), spread), 0.01)), m, v];
    });
    expect(difference).toBeLessThanOrEqual(1e-5);
  }
});

test('on a backend without the kernel the optimiser takes the same steps', async () => {
  const ends: Float32Array[] = [];
  for (const backend of ['wasm', 'cpu']) {
    await tf.setBackend(backend);
    const variable = tf.variable(randomTensor('start', [7, 3]));
    await descend(variable, 5);
    ends.push(Float32Array.from(variable.dataSync()));
    variable.dispose();
  }
  await tf.setBackend('wasm');
  const [wasm = new Float32Array(1), cpu = new Float32Array()] = ends;
  const gaps = wasm.map((value, index) => Math.abs(value - (cpu[index] ?? Number.NaN)));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1e-5);
});

test('a step lowers the loss and leaves no tensor but the moments until it is disposed', async () => {
  const variable = tf.variable(tf.tidy(() => randomTensor('start', [20])));
  const before = tf.memory().numTensors;
  const loss = () =>
    tf.tidy(() => tf.sum(tf.square(tf.sub(variable, randomTensor('target', [20])))).dataSync()[0]);
  const first = loss();
  await descend(variable, 10);
  expect(loss()).toBeLessThan(first ?? 0);
  expect(tf.memory().numTensors).toBe(before);
});

test('training that continues from a saved state gives the same bits as one that never stopped', async () => {
  const [whole, broken] = [1, 2].map(() => tf.variable(randomTensor('start', [13])));
  if (!whole || !broken) throw new Error('no variables');
  const steps = async (variable: tf.Variable, optimizer: AdamOptimizer, count: number) => {
    for (let step = 0; step < count; step++) {
      optimizer.minimize(() => tf.sum(tf.square(variable)), false, [variable]);
    }
  };
  const unbroken = await createOptimizer(0.05);
  await steps(whole, unbroken, 5);
  const before = await createOptimizer(0.05);
  await steps(broken, before, 3);
  const after = await createOptimizer(0.05);
  await after.setWeights(await before.getWeights());
  before.dispose();
  await steps(broken, after, 2);
  expect(broken.dataSync()).toEqual(whole.dataSync());
});
