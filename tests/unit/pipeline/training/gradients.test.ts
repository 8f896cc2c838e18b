import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, regularizers, sequential } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createOptimizer, startBackend } from '../../../../pipeline/backends/index.ts';
import type { PreparedData } from '../../../../pipeline/prepare/index.ts';
import { createBatches } from '../../../../pipeline/training/batches.ts';
import { trainBatch } from '../../../../pipeline/training/fit-network.ts';
import { createGradientSource } from '../../../../pipeline/training/gradients.ts';
import { copyWeights, restoreWeights } from '../../../../pipeline/training/network.ts';
import {
  crossEntropyObjective,
  type Objective,
  squaredErrorObjective,
} from '../../../../pipeline/training/objective.ts';
import { createOutlierExposure } from '../../../../pipeline/training/outlier-exposure.ts';
import type { TrainParameters } from '../../../../pipeline/training/parameters.ts';
import { seedMathRandom } from '../../../../pipeline/training/seed.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import type { PreparedRow } from '../../../../platform/schemas/index.ts';
import { imagePreprocessing } from '../../../../platform/transforms/index.ts';

type Layer = LayersModel['layers'][number];

const count = 24;
const classes = ['0', '1', '2'];
const parameters: TrainParameters = {
  ...{ seed: 1, epochs: 1, batchSize: 4, learningRate: 0.1, learningRateSchedule: 'constant' },
  ...{ earlyStopping: 0, classWeights: 'balanced', model: {} },
  augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
};
const rows = describeRows();

/** One thing that a network may have between its input and its last layer. */
const middles: readonly (() => Layer)[] = [
  () => layers.dense({ units: 6, activation: 'relu' }),
  () => layers.dense({ units: 5, activation: 'tanh', useBias: false }),
  () => layers.dense({ units: 4 }),
  () => layers.activation({ activation: 'sigmoid' }),
  () => layers.leakyReLU(),
  () => layers.dropout({ rate: 0.4 }),
  () => layers.dropout({ rate: 0.3, seed: 5 }),
  () => layers.batchNormalization(),
  () => layers.reLU({ maxValue: 6 }),
  () => layers.layerNormalization(),
];

/** What networks for pictures of 8 × 8 may begin with. */
const starts: readonly (() => Layer[])[] = [
  () => [
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
  ],
  () => [
    layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', useBias: false }),
    layers.batchNormalization(),
    layers.reLU(),
    layers.averagePooling2d({ poolSize: 2 }),
  ],
  () => [layers.depthwiseConv2d({ kernelSize: 3, activation: 'relu6' })],
];

/** How a network is trained: the sizes of its batches, one after another, with the learning rate of each. */
const schedules = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    rate: fc.double({ min: 0, max: 0.1, noNaN: true }),
  }),
  { minLength: 2, maxLength: 12 },
);
const stacks = fc.array(fc.constantFrom(...middles), { maxLength: 5 });

type Schedule = readonly { readonly size: number; readonly rate: number }[];

beforeAll(() => startBackend({ name: 'wasm' }));

test('a repeated step gives the bits of the library for any stack of layers, batches and learning rates', async () => {
  const aims = fc.constantFrom('classes', 'numbers', 'exposed');
  await fc.assert(
    fc.asyncProperty(stacks, schedules, aims, async (stack, schedule, aim) => {
      const middle = stack.map((make) => make());
      const network = build([5], middle, aim === 'numbers' ? 1 : 3);
      const objective = aim === 'numbers' ? squaredErrorObjective(rows) : classObjective();
      await expectSameBits(network, objective, schedule, aim === 'exposed');
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a repeated step gives the bits of the library for pictures', async () => {
  const start = fc.constantFrom(...starts);
  await fc.assert(
    fc.asyncProperty(start, stacks, schedules, async (makeStart, stack, schedule) => {
      const middle = [...makeStart(), layers.flatten(), ...stack.map((make) => make())];
      await expectSameBits(build([8, 8, 3], middle, 3), classObjective(), schedule);
    }),
    { numRuns: 15 },
  );
}, 60_000);

test('the library computes the first batch of each size, and only that', async () => {
  const network = build([5], [layers.dropout({ rate: 0.5 }), layers.batchNormalization()], 3);
  expect(await countCalls(network, [4, 4, 2, 4, 2, 2, 4])).toBe(2);
});

test('a network with a layer of the project is always computed by the library', async () => {
  const network = build([5], [new Doubling({})], 3);
  expect(await countCalls(network, [4, 4, 4])).toBe(3);
});

test('a network with a penalty on its weights is always computed by the library', async () => {
  const kernelRegularizer = regularizers.l2({ l2: 0.1 });
  const network = build([5], [layers.dense({ units: 4, kernelRegularizer })], 3);
  expect(await countCalls(network, [4, 4, 4])).toBe(3);
});

test('random numbers that are not uniform from 0 to 1 are left to the library', async () => {
  const network = build([5], [layers.gaussianNoise({ stddev: 1 })], 3);
  expect(await countCalls(network, [4, 4, 4])).toBe(3);
  await expectSameBits(build([5], [layers.alphaDropout({ rate: 0.5 })], 3), classObjective(), [
    { size: 4, rate: 0.1 },
    { size: 4, rate: 0.1 },
  ]);
});

test('repeated steps leave no tensor behind', async () => {
  const network = build([5], [layers.dense({ units: 4 }), layers.batchNormalization()], 3);
  const before = { ...tf.memory(), ids: tf.backend().numDataIds() };
  await train(
    network,
    classObjective(),
    [4, 2, 4, 4, 2].map((size) => ({ size, rate: 0.1 })),
  );
  const after = { ...tf.memory(), ids: tf.backend().numDataIds() };
  expect(after).toEqual(before);
  network.dispose();
});

/** A layer that the library does not know. */
class Doubling extends layers.Layer {
  static readonly className = 'Dense';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = [inputs].flat();
    if (!x) throw new Error('a layer has one input');
    return tf.mul(x, 2);
  }
}

function build(inputShape: number[], middle: Layer[], outputs: number): LayersModel {
  seedMathRandom('weights');
  return sequential({
    layers: [layers.inputLayer({ inputShape }), ...middle, layers.dense({ units: outputs })],
  });
}

function classObjective(): Objective {
  return crossEntropyObjective(rows, classes, 'balanced');
}

async function expectSameBits(
  network: LayersModel,
  objective: Objective,
  schedule: Schedule,
  exposed = false,
): Promise<void> {
  const start = await copyWeights(network);
  const computed = await train(network, objective, schedule, { repeats: false, exposed });
  restoreWeights(network, start);
  const repeated = await train(network, objective, schedule, { repeats: true, exposed });
  network.dispose();
  expect(repeated).toEqual(computed);
}

/** Trains on rows in turn. @returns the outputs of all steps, then the weights and the optimiser's state */
async function train(
  network: LayersModel,
  objective: Objective,
  schedule: Schedule,
  { repeats = true, exposed = false } = {},
): Promise<Float32Array[]> {
  seedMathRandom('steps');
  const data = dataOf(network);
  const batches = createBatches(data, parameters);
  const outlierExposure = exposed ? createOutlierExposure(data, parameters, 0.5) : null;
  const options = { network, objective, batches, outlierExposure };
  const source = await createGradientSource(options, { repeats });
  const optimizer = await createOptimizer(0.1);
  const found: Float32Array[] = [];
  let first = 0;
  for (const { size, rate } of schedule) {
    optimizer.learningRate = rate;
    const chosen = Array.from({ length: size }, (_, position) => (first + position) % count);
    found.push(await trainBatch(source, optimizer, 1, chosen));
    first += size;
  }
  const state = await optimizer.getWeights();
  for (const { tensor } of state) found.push(Float32Array.from(tensor.dataSync()));
  tf.dispose(state.map(({ tensor }) => tensor));
  for (const { values } of await copyWeights(network)) found.push(values);
  source.dispose();
  optimizer.dispose();
  return found;
}

/** How often the library calls the last layer in a training. */
async function countCalls(network: LayersModel, sizes: readonly number[]): Promise<number> {
  let calls = 0;
  network.layers.at(-1)?.setCallHook(() => {
    calls += 1;
  });
  await train(
    network,
    classObjective(),
    sizes.map((size) => ({ size, rate: 0.1 })),
  );
  network.dispose();
  return calls;
}

/** Rows of random numbers in the shape of a network's input. */
function dataOf(network: LayersModel): PreparedData {
  const shape = (network.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
  const rowLength = tf.util.sizeFromShape(shape);
  const random = createRandom('rows');
  const values = Float32Array.from({ length: count * rowLength }, () => random.next() - 0.5);
  const row = (number: number) => values.subarray(number * rowLength, (number + 1) * rowLength);
  return {
    index: {
      ...{ version: 1, dtype: 'float32', shape, classes, shards: [], rows },
      preprocessing: imagePreprocessing(8),
    },
    rowLength,
    row: (number) => new Uint8Array(row(number).slice().buffer),
    fill(target, numbers) {
      for (const [position, number] of numbers.entries())
        target.set(row(number), position * rowLength);
    },
  };
}

/** Training rows, and one for validation. Their labels are classes, which a regression takes for numbers. */
function describeRows(): PreparedRow[] {
  return Array.from({ length: count + 1 }, (_, number) => ({
    ...{ id: `row-${number}`, digest: `sha256:${'0'.repeat(64)}`, metadata: {} },
    split: number < count ? 'train' : 'validation',
    label: classes[number % classes.length] ?? '',
  }));
}
