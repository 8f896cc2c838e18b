/*
 * Gradients of networks on one backend against the cpu backend of TensorFlow.js, then a training of three epochs and its
 * ONNX file; prints what came of it as a line of JSON. A process of its own, since one can hold one TensorFlow library only:
 * node tests/integration/pipeline/backends/exercise-native.ts <backend>
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { chooseBackend, startBackend } from '../../../../pipeline/backends/index.ts';
import { packageStage } from '../../../../pipeline/package/index.ts';
import { trainStage } from '../../../../pipeline/training/index.ts';
import { backendNames } from '../../../../platform/schemas/index.ts';
import { buildCnn, buildKitchenSink, buildMlp } from '../../../fixtures/networks.ts';
import {
  createTrainingRoom,
  prepareSquares,
  quick,
  unmeasured,
} from '../../../fixtures/training-data.ts';
import images from '../../../fixtures/training-images/project.ts';
import { gapOf, trainingGradients } from './training-gradients.ts';

const name = backendNames.find((each) => each === process.argv[2]);
if (!name) throw new Error(`${process.argv[2]} is not a backend`);
const backend = await chooseBackend(name);
await startBackend(backend);
const native = tf.getBackend();
const result = { gradients: await compareGradients(), ...(await train()) };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

async function compareGradients() {
  const networks: [string, number, () => LayersModel][] = [
    ['a CNN', 6, buildCnn],
    ['an MLP', 6, buildMlp],
    // One example: the cpu backend's gradient of up-sampling reads the wrong image from the second on.
    ['a network of all layers', 1, () => buildKitchenSink({ trainable: true })],
  ];
  const found: { network: string; loss: number; gradients: number }[] = [];
  for (const [network, examples, build] of networks) {
    const [reference, ours] = [await on('cpu', examples, build), await on(native, examples, build)];
    found.push({ network, ...gapOf(reference, ours) });
  }
  await tf.setBackend(native);
  return found;
}

async function on(each: string, examples: number, build: () => LayersModel) {
  await tf.setBackend(each);
  const network = build();
  const gradients = trainingGradients(network, examples);
  network.dispose();
  return gradients;
}

async function train() {
  const room = await createTrainingRoom(images);
  try {
    const prepared = await prepareSquares(room.store, 200);
    const inputs = { ...(await room.inputs(prepared)), backend };
    const trained = await trainStage.run(room.context('train'), inputs, quick);
    const packaging = { ...inputs, trained, evaluation: unmeasured, provenance: {} };
    const { parity } = await packageStage.run(room.context('package'), packaging, {});
    return { trained, parity };
  } finally {
    await room.remove();
  }
}
