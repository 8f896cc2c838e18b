import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  loadModel,
  predictAll,
  saveModel,
  startBackend,
} from '../../../../pipeline/backends/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCnn, buildKitchenSink, buildMlp } from '../../../fixtures/networks.ts';
import { gapOf, randomValues, trainingGradients } from './training-gradients.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-backends-'));
  await startBackend({ name: 'wasm' });
});
afterAll(() => rm(root, { recursive: true }));

/** Network input for numbered rows. */
function rowsFor(network: LayersModel, count: number) {
  const shape = (network.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
  const length = tf.util.sizeFromShape(shape);
  const values = randomValues('rows', count * length);
  const fill = (target: Float32Array, rows: readonly number[]) => {
    for (const [at, row] of rows.entries()) {
      target.set(values.subarray(row * length, (row + 1) * length), at * length);
    }
  };
  return { rows: Array.from({ length: count }, (_, row) => row), fill };
}

test('a stored network comes back with the same digests and the same answers', async () => {
  const store = openStore(root);
  const network = buildCnn();
  const { rows, fill } = rowsFor(network, 5);
  const saved = await saveModel(store, network);
  const loaded = await loadModel(store, saved);
  expect(await saveModel(store, loaded)).toEqual(saved);
  expect(await predictAll(loaded, rows, fill, 4)).toEqual(await predictAll(network, rows, fill, 4));
  expect(saved.weightCount).toBe(saved.weights.bytes / 4);
  for (const each of [network, loaded]) each.dispose();
});

test('predictions do not depend on the batch size and leave no tensor behind', async () => {
  const network = buildCnn();
  const { rows, fill } = rowsFor(network, 7);
  const before = tf.memory().numTensors;
  const one = await predictAll(network, rows, fill, 1);
  expect(await predictAll(network, rows, fill, 3)).toEqual(one);
  expect(await predictAll(network, rows, fill, 100)).toEqual(one);
  expect(tf.memory().numTensors).toBe(before);
  expect([one.outputs, one.embeddingSize, one.embedding.length]).toEqual([3, 16, 7 * 16]);
  network.dispose();
});

test('the embedding is the input of the last layer', async () => {
  const network = buildMlp(7, 3);
  const { rows, fill } = rowsFor(network, 4);
  const { output, embedding } = await predictAll(network, rows, fill, 4);
  const [kernel, bias] = network.layers.at(-1)?.getWeights() ?? [];
  if (!kernel || !bias) throw new Error('the last layer is dense');
  const again = tf.tidy(() =>
    tf.add(tf.matMul(tf.tensor(embedding, [4, 8]), kernel), bias).dataSync(),
  );
  expect(Math.max(...again.map((value, at) => Math.abs(value - (output[at] ?? 0))))).toBeLessThan(
    1e-5,
  );
  network.dispose();
});

test('an empty list of rows gives empty predictions', async () => {
  const network = buildMlp();
  const { output, embedding } = await predictAll(network, [], () => {}, 8);
  expect([output.length, embedding.length]).toEqual([0, 0]);
});

const networks: [string, number, () => LayersModel][] = [
  ['a CNN', 6, buildCnn],
  ['an MLP', 6, buildMlp],
  // One example: the cpu backend's gradient of up-sampling reads the wrong image from the second on.
  ['a network of all layers', 1, () => buildKitchenSink({ trainable: true })],
];

test.each(networks)('all gradients of %s equal the cpu backend', async (_, examples, build) => {
  const gradientsOn = async (backend: string) => {
    await tf.setBackend(backend);
    const network = build();
    const found = trainingGradients(network, examples);
    network.dispose();
    return found;
  };
  const cpu = await gradientsOn('cpu');
  const wasm = await gradientsOn('wasm');
  const gap = gapOf(cpu, wasm);
  expect(gap.loss).toBeLessThanOrEqual(1e-5);
  expect(gap.gradients).toBeLessThanOrEqual(1e-5);
});

const script = `
  import * as tf from '@tensorflow/tfjs-core';
  import { createHash } from 'node:crypto';
  import { createOptimizer, startBackend } from './pipeline/backends/index.ts';
  import { buildCnn } from './tests/fixtures/networks.ts';
  await startBackend({ name: 'wasm' });
  const network = buildCnn(16);
  const optimizer = await createOptimizer(0.01);
  const images = tf.tensor(Float32Array.from({ length: 8 * 768 }, (_, i) => Math.sin(i)), [8, 16, 16, 3]);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32'), 3);
  let held;
  for (let step = 0; step < 6; step++) {
    optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, network.layers.reduce(
      (x, layer) => layer.getClassName() === 'Dropout' ? x : layer.apply(x, { training: true }), images)));
    if (step === 1) held = tf.memory().numTensors;
  }
  const hash = createHash('sha256');
  for (const weight of network.getWeights()) hash.update(new Uint8Array(weight.dataSync().buffer));
  console.log(hash.digest('hex'), tf.memory().numTensors - held);
`;

test('training gives the same bits in every process and holds no more tensors from step to step', async () => {
  const run = promisify(execFile);
  const train = () => run(process.execPath, ['--input-type=module', '-e', script]);
  const [first, second] = [await train(), await train()];
  expect(first.stdout).toBe(second.stdout);
  expect(first.stdout.trim()).toMatch(/^[0-9a-f]{64} 0$/);
});
