import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend, saveModel, startBackend } from '../../../../pipeline/backends/index.ts';
import { ModelProtoSchema } from '../../../../pipeline/onnx/onnx_pb.ts';
import { assertParity } from '../../../../pipeline/package/assert-parity.ts';
import { type PackageInputs, packageStage } from '../../../../pipeline/package/index.ts';
import { judgeGates } from '../../../../platform/quality/index.ts';
import type { PrepareOutput } from '../../../../platform/schemas/index.ts';
import { buildCnn, buildMlp } from '../../../fixtures/networks.ts';
import {
  createTrainingRoom,
  unmeasured as evaluation,
  preparePoints,
  prepareSquares,
} from '../../../fixtures/training-data.ts';
import { buildProject } from '../../../helpers/project.ts';

type Room = Awaited<ReturnType<typeof createTrainingRoom>>;
let room: Room;

beforeAll(async () => {
  room = await createTrainingRoom(buildProject('/').definition);
  await startBackend({ name: 'wasm' });
});
afterAll(() => room.remove());

async function inputsFor(network: LayersModel, prepared: PrepareOutput): Promise<PackageInputs> {
  const backend = await chooseBackend('wasm');
  const saved = await saveModel(room.store, network);
  const history = { epochs: [], bestEpoch: 1, stopped: 'epochs' as const, trainedRows: 0 };
  return {
    prepared,
    evaluation,
    backend,
    trained: { ...saved, ...history, backend },
    task: 'image-classification',
    classes: ['dark', 'light'],
    provenance: { dataset: 'sha256:abc' },
  };
}

const run = (inputs: PackageInputs) => packageStage.run(room.context('package'), inputs, {});

async function squares(): Promise<PackageInputs> {
  const network = buildCnn(16, 2);
  const inputs = await inputsFor(network, await prepareSquares(room.store, 60));
  network.dispose();
  return inputs;
}

test('a package agrees with its network on every test example and is measured', async () => {
  const inputs = await squares();
  const before = tf.memory().numTensors;
  const { onnx, parity, latencyMs } = await run(inputs);
  expect(tf.memory().numTensors).toBe(before);
  expect(parity).toMatchObject({ examples: 12, classesDiffer: 0 });
  expect(parity.maxDifference).toBeLessThanOrEqual(1e-5);
  expect(latencyMs.p95).toBeGreaterThanOrEqual(latencyMs.p50);
  expect((await room.store.get(onnx.digest)).byteLength).toBe(onnx.bytes);
});

test('the file says how to use it and what it was made of', async () => {
  const inputs = await squares();
  const { onnx } = await run(inputs);
  const bytes = await room.store.get(onnx.digest);
  const { metadataProps } = fromBinary(ModelProtoSchema, bytes);
  const facts = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  expect(facts).toMatchObject({
    classes: '["dark","light"]',
    task: 'image-classification',
    temperature: '1.5',
    dataset: 'sha256:abc',
    weights: inputs.trained.weights.digest,
  });
  expect(JSON.parse(facts.preprocessing ?? '')).toMatchObject({ kind: 'image', size: 16 });
  const session = await InferenceSession.create(bytes);
  expect([session.inputNames, session.outputNames]).toEqual([['input'], ['output', 'embedding']]);
});

test('packaging the same network again gives the same file', async () => {
  const inputs = await squares();
  const [first, second] = [await run(inputs), await run(inputs)];
  expect(second.onnx).toEqual(first.onnx);
});

test('a regression over a table is packaged too', async () => {
  const network = buildMlp(2, 1);
  const prepared = await preparePoints(room.store, 40, (a, b) => String(a - b));
  const inputs = await inputsFor(network, prepared);
  const { parity } = await run({ ...inputs, task: 'tabular-regression', classes: [] });
  expect(parity.maxDifference).toBeLessThanOrEqual(1e-5);
  network.dispose();
});

test.each([
  ['larger', { modelBytes: 100, latencyMs: 1000 }, 'package size'],
  ['slower', { modelBytes: 1e6, latencyMs: 1e-6 }, 'latency'],
])(
  'a network that is %s than its budget is packaged, and fails its gate',
  async (_, budgets, gate) => {
    const packaged = await run(await squares());
    const facts = {
      candidate: evaluation,
      champion: null,
      incomparable: null,
      comparison: null,
      slices: [],
    };
    const results = judgeGates({ ...facts, package: packaged, gates: [], budgets });
    expect(results.filter(({ passed }) => !passed).map((result) => result.gate)).toEqual([gate]);
  },
);

const predictions = (values: number[]) => ({
  output: Float32Array.from(values),
  embedding: new Float32Array(1),
  outputs: 2,
  embeddingSize: 1,
});

test.each([
  ['moved output', [1, 2.001], [1, 2]],
  ['missing row', [1, 2], [1, 2, 3, 4]],
  ['NaN', [1, Number.NaN], [1, 2]],
  ['other class', [2.001, 2], [2, 2.001]],
])('a %s breaks parity', (_, packaged, trained) => {
  const compare = () =>
    assertParity(predictions(trained), predictions(packaged), { targets: null });
  expect(compare).toThrow(expect.objectContaining({ code: 'PACKAGE_PARITY' }));
});

test('classes that are equally likely within the tolerance are counted, for rounding decides between them', () => {
  const [trained, packaged] = [predictions([2, 2.000001]), predictions([2.000001, 2])];
  expect(assertParity(trained, packaged, { targets: null }).classesDiffer).toBe(1);
  const choice = { classes: ['a', 'b'], temperature: 1, decision: { class: 'b', threshold: 0.3 } };
  expect(assertParity(trained, packaged, { targets: null, choice }).classesDiffer).toBe(0);
  const priorShift = [-1, 1];
  expect(assertParity(trained, packaged, { targets: null, priorShift }).classesDiffer).toBe(0);
});

describe('the parity of a regression follows the scale of its target', () => {
  const values = (value: number) => ({
    output: Float32Array.of(value),
    embedding: new Float32Array(1),
    outputs: 1,
    embeddingSize: 1,
  });
  const differ = (targets: number[], value: number, by: number) => () =>
    assertParity(values(value), values(value + by), { targets });
  const units = fc.integer({ min: -9, max: 9 }).map((power) => 10 ** power);

  test('whatever unit it is in: a hundred-thousandth of its spread passes, a thousandth does not', () => {
    fc.assert(
      fc.property(units, fc.double({ min: -3, max: 3, noNaN: true }), (unit, at) => {
        const targets = [-2, -1, 0, 1, 2].map((value) => value * unit);
        expect(differ(targets, at * unit, 0.9e-5 * unit)).not.toThrow();
        expect(differ(targets, at * unit, 1e-3 * unit)).toThrow(/of test example 1 is/);
      }),
    );
  });

  test('near 0 a prediction of a large target may round like the others', () => {
    // Prices around 3,933: neighbouring float32 numbers are 2.4e-4 apart there.
    const prices = [326, 950, 2401, 5324, 18_823];
    expect(differ(prices, 0.5, 9.8e-4)).not.toThrow();
    expect(differ(prices, 0.5, 1)).toThrow('they may differ by');
  });

  test('far from 0 rounding is allowed for, and no more', () => {
    const years = [1_000_000.5, 1_000_001.5, 1_000_002.5];
    expect(differ(years, 1_000_001, 0.125)).not.toThrow();
    expect(differ(years, 1_000_001, 1)).toThrow('they may differ by');
  });

  test('of logarithms that were learnt: small answers are compared as closely as large ones', () => {
    const targets = [0.001, 1, 1000];
    const answers = (by: number) => (value: number) => () =>
      assertParity(values(value), values(value * (1 + by)), { targets, labelScale: 'log' });
    for (const value of [1e-4, 1, 1e5]) {
      expect(answers(1e-6)(value)).not.toThrow();
      expect(answers(1e-3)(value)).toThrow('they may differ by');
    }
  });

  test('tiny embeddings are compared by their own size', () => {
    const of = (value: number) => ({ ...values(1), embedding: Float32Array.of(value) });
    const compare = (by: number) => () =>
      assertParity(of(1e-7), of(1e-7 * (1 + by)), { targets: null });
    expect(compare(1e-6)).not.toThrow();
    expect(compare(1e-3)).toThrow('embedding');
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a trained network that answers %s is not blamed on the package',
  (value) => {
    const answers = predictions([1, 2, value, 4]);
    const compare = () => assertParity(answers, answers, { targets: null });
    expect(compare).toThrow(
      expect.objectContaining({ code: 'PACKAGE_NOT_FINITE', details: { broken: 1, rows: 2 } }),
    );
  },
);
