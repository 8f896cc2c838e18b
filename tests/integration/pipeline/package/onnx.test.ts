import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { predictAll, startBackend } from '../../../../pipeline/backends/index.ts';
import { openSession, spreadSession } from '../../../../pipeline/onnx/index.ts';
import { assertParity } from '../../../../pipeline/package/assert-parity.ts';
import { exportOnnx } from '../../../../pipeline/package/onnx/export-onnx.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { inLanes } from '../../../../platform/lib/in-lanes.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { buildCnn, buildKitchenSink, buildMlp } from '../../../fixtures/networks.ts';

beforeAll(() => startBackend({ name: 'wasm' }));

const rows = [0, 1, 2, 3, 4];

/** Runs a network here and packaged, on random rows, and says how far they are apart. */
async function parityOf(network: LayersModel) {
  const shape = (network.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
  const length = tf.util.sizeFromShape(shape);
  const random = createRandom('rows');
  const values = Float32Array.from({ length: rows.length * length }, () => random.normal());
  const fill = (target: Float32Array, batch: readonly number[]) =>
    batch.forEach((row, at) => {
      target.set(values.subarray(row * length, (row + 1) * length), at * length);
    });
  const trained = await predictAll(network, rows, fill, 2);
  await using session = await openSession(await exportOnnx(network, {}), shape);
  return assertParity(trained, await session.run(values, rows.length), { targets: null });
}

const networks = {
  'a CNN': buildCnn,
  'an MLP': buildMlp,
  'a network of all layers': () => buildKitchenSink(),
};

test.each(Object.entries(networks))('%s gives the same numbers once packaged', async (_, build) => {
  const network = build();
  const parity = await parityOf(network);
  expect(parity).toMatchObject({ examples: rows.length, classesDiffer: 0 });
  network.dispose();
});

test('convolutions and pools of any size, stride and padding agree once packaged', async () => {
  const size = (max: number) => fc.integer({ min: 1, max });
  const window = { strides: size(3), padding: fc.constantFrom('same' as const, 'valid' as const) };
  const cases = fc.record({
    height: fc.integer({ min: 9, max: 20 }),
    width: fc.integer({ min: 9, max: 20 }),
    convolution: fc.record({ kernelSize: size(4), filters: size(5), ...window }),
    pool: fc.record({ poolSize: size(3), ...window }),
    average: fc.boolean(),
  });
  const property = fc.asyncProperty(cases, async (of) => {
    const pool = of.average ? layers.averagePooling2d(of.pool) : layers.maxPooling2d(of.pool);
    const inputShape = [of.height, of.width, 2];
    const network = sequential({
      layers: [
        layers.conv2d({ inputShape, ...of.convolution }),
        pool,
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
    });
    await parityOf(network);
    network.dispose();
  });
  await fc.assert(property, { seed: 20_261_123, numRuns: 40 });
});

test('an image as embedding comes out flat, in the order that the layers library has', async () => {
  const network = sequential({
    layers: [
      layers.conv2d({ inputShape: [6, 5, 2], filters: 4, kernelSize: 2 }),
      layers.globalAveragePooling2d({}),
    ],
  });
  await expect(parityOf(network)).resolves.toMatchObject({ classesDiffer: 0 });
});

test('a flattened image as embedding keeps the order that the layers library has', async () => {
  const network = sequential({
    layers: [
      layers.conv2d({ inputShape: [6, 5, 2], filters: 4, kernelSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  await expect(parityOf(network)).resolves.toMatchObject({ classesDiffer: 0 });
});

test('equal networks and metadata give equal bytes, and other metadata give others', async () => {
  const network = buildCnn();
  const bytes = await exportOnnx(network, { a: '1', b: '2' });
  expect(await exportOnnx(network, { b: '2', a: '1' })).toEqual(bytes);
  expect(await exportOnnx(network, { a: '1', b: '3' })).not.toEqual(bytes);
});

test('exporting leaves no tensor behind', async () => {
  const network = buildMlp();
  const before = tf.memory().numTensors;
  await exportOnnx(network, {});
  expect(tf.memory().numTensors).toBe(before);
});

const unsupported = {
  SimpleRNN: () => [
    layers.reshape({ inputShape: [6], targetShape: [3, 2] }),
    layers.simpleRNN({ units: 2, recurrentInitializer: 'glorotUniform' }),
  ],
  Conv2D: () => [
    layers.conv2d({
      inputShape: [2, 6, 6],
      filters: 1,
      kernelSize: 2,
      dataFormat: 'channelsFirst',
    }),
    layers.flatten(),
  ],
  Dense: () => [layers.dense({ inputShape: [4], units: 2, activation: 'gelu' })],
};

test.each(Object.entries(unsupported))(
  '%s without an ONNX form is refused by name',
  async (name, list) => {
    const network = sequential({
      layers: [...list(), layers.dense({ units: 2 })],
    });
    const error = await exportOnnx(network, {}).catch((reason: unknown) => reason);
    expect(isMainstemError(error, 'ONNX_LAYER_UNSUPPORTED')).toBe(true);
    expect(isMainstemError(error) && error.details.class).toBe(name);
  },
);

test('a network gives the same bits in whatever thread it runs', async () => {
  const network = buildCnn();
  const shape = (network.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
  const random = createRandom('rows');
  const inputs = rows.map(() =>
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
  );
  await using session = await openSession(await exportOnnx(network, {}), shape);
  const here = await inLanes(inputs, 1, (values) => session.run(values, 1));
  await using sessions = spreadSession(session, inputs.length, 0);
  expect(await inLanes(inputs, 1, (values) => sessions.run(values, 1))).toEqual(here);
  network.dispose();
});
