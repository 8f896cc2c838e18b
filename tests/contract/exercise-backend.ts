/*
 * Trains a small network on one backend, stores it and loads it again; prints what came of it as a line of JSON.
 * Run by backend.ts: node tests/contract/exercise-backend.ts <backend> <folder>
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  createOptimizer,
  drivers,
  loadModel,
  type Predictions,
  predictAll,
  saveModel,
  startBackend,
} from '../../pipeline/backends/index.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { createRandom } from '../../platform/lib/random.ts';
import { openStore } from '../../platform/storage/index.ts';
import { buildCnn } from '../fixtures/networks.ts';

const [, , backend = '', folder = ''] = process.argv;
const driver = Object.values(drivers).find(({ name }) => name === backend);
if (!driver) throw new Error(`${backend} is not a backend`);
await startBackend(driver);
await startBackend(driver);

const size = 16;
const rows = Array.from({ length: 12 }, (_, row) => row);
const length = size * size * 3;
const random = createRandom('rows');
const values = Float32Array.from({ length: rows.length * length }, () => random.normal());
const fill = (target: Float32Array, some: readonly number[]) => {
  for (const [at, row] of some.entries()) {
    target.set(values.subarray(row * length, (row + 1) * length), at * length);
  }
};

const network = buildCnn(size);
const { losses, grown } = await train(network);
const store = openStore(folder);
const saved = await saveModel(store, network);
const loaded = await loadModel(store, saved);
const before = tf.memory().numTensors;
const one = await predictAll(network, rows, fill, 5);
const again = await predictAll(loaded, rows, fill, 5);
const alone = await predictAll(loaded, rows, fill, 1);
const result = {
  tfjs: tf.getBackend(),
  weights: saved.weights.digest,
  losses,
  saved: digestBytes(JSON.stringify(saved)),
  savedAgain: digestBytes(JSON.stringify(await saveModel(store, loaded))),
  predictionGap: gapOf(one, again),
  batchGap: gapOf(again, alone),
  tensorsLeft: grown + tf.memory().numTensors - before,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

/** A few steps; `grown` is how many tensors the later ones left behind. */
async function train(model: LayersModel): Promise<{ losses: number[]; grown: number }> {
  const optimizer = await createOptimizer(0.01);
  const images = tf.tensor(values, [rows.length, size, size, 3]);
  const classes = rows.map((row) => row % 3);
  const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), 3);
  const losses: number[] = [];
  let held = 0;
  for (let step = 0; step < 6; step++) {
    const loss = optimizer.minimize(() => lossOf(model, images, labels), true);
    losses.push((await loss?.data())?.[0] ?? Number.NaN);
    loss?.dispose();
    if (step === 1) held = tf.memory().numTensors;
  }
  return { losses, grown: tf.memory().numTensors - held };
}

function lossOf(model: LayersModel, images: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  const outputs = model.layers.reduce<tf.Tensor>((input, layer) => {
    // A dropout layer would draw its mask at random.
    if (layer.getClassName() === 'Dropout') return input;
    const output = layer.apply(input, { training: true });
    if (output instanceof tf.Tensor) return output;
    throw new Error(`${layer.name} has several outputs`);
  }, images);
  return tf.reshape<tf.Rank.R0>(tf.losses.softmaxCrossEntropy(labels, outputs), []);
}

function gapOf(a: Predictions, b: Predictions): number {
  const gaps = a.output.map((value, at) => Math.abs(value - (b.output[at] ?? Number.NaN)));
  return Math.max(...gaps);
}
