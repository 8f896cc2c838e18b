import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { loadModel, predictAll, startBackend } from '../../../../pipeline/backends/index.ts';
import { evaluateStage, readPredictions } from '../../../../pipeline/evaluation/index.ts';
import { openSession } from '../../../../pipeline/onnx/index.ts';
import { packageStage } from '../../../../pipeline/package/index.ts';
import { readPrepared } from '../../../../pipeline/prepare/index.ts';
import { trainStage } from '../../../../pipeline/training/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { createReporter, type Reporter } from '../../../../platform/lib/reporter.ts';
import type { PrepareOutput, TrainOutput } from '../../../../platform/schemas/index.ts';
import { decide, shiftOf } from '../../../../platform/transforms/index.ts';
import {
  createTrainingRoom,
  preparePoints,
  prepareSquares,
  quick,
} from '../../../fixtures/training-data.ts';
import images from '../../../fixtures/training-images/project.ts';
import table from '../../../fixtures/training-table/project.ts';

let room: Awaited<ReturnType<typeof createTrainingRoom>>;
let tableRoom: Awaited<ReturnType<typeof createTrainingRoom>>;
let squares: PrepareOutput;
let reference: TrainOutput;

beforeAll(async () => {
  room = await createTrainingRoom(images);
  tableRoom = await createTrainingRoom(table);
  squares = await prepareSquares(room.store, 200);
  reference = await trainSquares('reference');
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await room.remove();
  await tableRoom.remove();
});

const trainSquares = async (scratch: string, parameters: object = {}) =>
  trainStage.run(room.context(scratch), await room.inputs(squares), { ...quick, ...parameters });

const tabular = { ...quick, epochs: 40, learningRate: 0.03, model: { units: 8, flaw: '' } };

test('training separates dark from light pictures and records both curves', async () => {
  expect(reference.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(reference.epochs.at(-1)?.validationMetric).toBeGreaterThan(0.9);
  expect(reference).toMatchObject({ stopped: 'epochs', trainedRows: 120 });
});

test('the same seed gives the same bits in another process, another seed gives others', async () => {
  const again = await trainSquares('again');
  expect(again.weights.digest).toBe(reference.weights.digest);
  expect(again.topology.digest).toBe(reference.topology.digest);
  expect(again.epochs).toEqual(reference.epochs);
  const other = await trainSquares('other', { seed: 8 });
  expect(other.weights.digest).not.toBe(reference.weights.digest);
});

test('on other numbers of threads training gives the same bits', async () => {
  for (const threads of [1, 3]) {
    const context = { ...room.context(`threads-${threads}`), threads };
    const again = await trainStage.run(context, await room.inputs(squares), quick);
    expect(again.weights.digest).toBe(reference.weights.digest);
  }
});

test('a number of threads in the environment goes before any other, and a wrong one is reported', async () => {
  vi.stubEnv('MAINSTEM_THREADS', 'many');
  const context = { ...room.context('environment'), threads: 1 };
  const training = trainStage.run(context, await room.inputs(squares), quick);
  await expect(training).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
});

test('training that was killed continues from its checkpoint to the same bits', async () => {
  const parameters = { ...quick, epochs: 6, model: { filters: 8 } };
  const large = await prepareSquares(room.store, 300, 32);
  const inputs = await room.inputs(large);
  const whole = await trainStage.run(room.context('whole'), inputs, parameters);
  const stop = new AbortController();
  const context = room.context('killed', stop.signal);
  const killed = trainStage.run(context, inputs, parameters);
  killed.catch(() => {});
  while (!existsSync(`${context.scratch}/checkpoint.bin`)) await wait(20);
  stop.abort(new Error('killed by the test'));
  await expect(killed).rejects.toThrow('killed by the test');
  const lines: string[] = [];
  const listening = { ...room.context('killed'), workspace: listeningWorkspace(lines) };
  const resumed = await trainStage.run(listening, inputs, parameters);
  expect(lines.join('\n')).toMatch(/Continuing after epoch \d+/);
  expect(resumed).toEqual(whole);
});

test('outlier exposure changes the weights, the same way every time', async () => {
  const outOfDistribution = await prepareSquares(room.store, 50);
  const inputs = { ...(await room.inputs(squares)), outOfDistribution };
  const run = (scratch: string, outlierExposure: number) =>
    trainStage.run(room.context(scratch), inputs, { ...quick, outlierExposure });
  const first = await run('exposed', 0.5);
  expect((await run('exposed-again', 0.5)).weights).toEqual(first.weights);
  expect(first.weights).not.toEqual(reference.weights);
  expect((await run('not-exposed', 0)).weights).toEqual(reference.weights);
});

test('early stopping ends without a better validation loss and keeps the best weights', async () => {
  const patient = { epochs: 60, earlyStopping: 2, learningRate: 0.05 };
  const output = await trainSquares('early', { ...patient, learningRateSchedule: 'constant' });
  expect(output.stopped).toBe('early');
  expect(output.epochs.length).toBe(output.bestEpoch + 2);
  const best = output.epochs[output.bestEpoch - 1];
  expect(await validationAccuracy(output)).toBeCloseTo(best?.validationMetric ?? -1, 6);
});

test('a regression learns standardised targets and predicts in the unit of the label', async () => {
  const height = (a: number, b: number) => String(5000 + 800 * a - 300 * b);
  const points = await preparePoints(tableRoom.store, 500, height);
  const inputs = await tableRoom.inputs(points);
  const output = await trainStage.run(tableRoom.context('regression'), inputs, tabular);
  const last = output.epochs.at(-1);
  expect(last?.validationMetric).toBeLessThan(100);
  const predicted = await predict(tableRoom.store, output, points, [3]);
  const { index } = await readPrepared(tableRoom.store, points);
  expect(Math.abs((predicted[0] ?? 0) - Number(index.rows[3]?.label))).toBeLessThan(400);
});

test('a regression of logarithms answers, is measured and is packaged in the unit of the label', async () => {
  const { store } = tableRoom;
  const price = (a: number, b: number) => String(Math.exp(3 + 1.5 * a - 0.5 * b));
  const points = await preparePoints(store, 500, price);
  const inputs = await tableRoom.inputs(points);
  const context = tableRoom.context('logarithms');
  const trained = await trainStage.run(context, { ...inputs, labelScale: 'log' }, tabular);
  expect(trained.labelScale).toBe('log');
  const best = trained.epochs[trained.bestEpoch - 1];
  const asked = { ...inputs, trained, slices: [], dataset: 'points' };
  const evaluation = await evaluateStage.run(context, asked, tabular);
  const predictions = await readPredictions(store, evaluation.predictions);
  const errors = predictions
    .filter(({ split }) => split === 'validation')
    .map(({ label, predicted }) => Math.abs(Number(label) - Number(predicted)));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(mean / (best?.validationMetric ?? 0)).toBeCloseTo(1, 4);
  expect(predictions.every(({ probabilities: [value = 0] }) => value > 0)).toBe(true);
  expect(evaluation.metrics.find(({ name }) => name === 'maeSkill')?.value).toBeGreaterThan(0.7);

  const packaging = { ...asked, evaluation, provenance: {} };
  const packaged = await packageStage.run(context, packaging, {});
  expect(packaged.parity.maxDifference).toBeLessThanOrEqual(1e-5);
  const { index, fill } = await readPrepared(store, points);
  const tested = predictions.find(({ split }) => split === 'test');
  const row = index.rows.findIndex(({ digest }) => digest === tested?.digest);
  const values = new Float32Array(2);
  fill(values, [row]);
  await using session = await openSession(await store.get(packaged.onnx.digest), [2]);
  const [answer = 0] = (await session.run(values, 1)).output;
  expect(answer / Number(tested?.predicted)).toBeCloseTo(1, 5);
});

test('a table classifier trains with balanced class weights', async () => {
  const side = (a: number, b: number) => (a + b > 1 ? 'above' : 'below');
  const points = await preparePoints(tableRoom.store, 500, side, ['above', 'below']);
  const inputs = { ...(await tableRoom.inputs(points)), task: 'tabular-classification' as const };
  const output = await trainStage.run(
    tableRoom.context('classes'),
    { ...inputs, classes: ['above', 'below'] },
    { ...tabular, classWeights: 'balanced' },
  );
  expect(output.epochs.at(-1)?.validationMetric).toBeGreaterThan(0.95);
});

test('with balanced class weights a rare class is still as likely as it is', async () => {
  const random = createRandom('rare');
  const rare = (a: number) => (random.next() < 1 / (1 + Math.exp(3 - a)) ? 'yes' : 'no');
  const classes = ['no', 'yes'];
  const points = await preparePoints(tableRoom.store, 2000, rare, classes);
  const inputs = {
    ...(await tableRoom.inputs(points)),
    task: 'tabular-classification' as const,
    classes,
  };
  const parameters = { ...tabular, epochs: 15, learningRate: 0.01, classWeights: 'balanced' };
  const trained = await trainStage.run(tableRoom.context('rare'), inputs, parameters);
  const { index } = await readPrepared(tableRoom.store, points);
  const rows = [...index.rows.keys()];
  const outputs = await predict(tableRoom.store, trained, points, rows);
  const priorShift = shiftOf(trained.classWeights);
  const likely = rows.map((row) => {
    const rules = { classes, temperature: 1, priorShift, outOfDistribution: null };
    const output = outputs.subarray(2 * row, 2 * row + 2);
    return decide({ output, embedding: [] }, rules).probabilities[1] ?? 0;
  });
  const share = index.rows.filter(({ label }) => label === 'yes').length / rows.length;
  expect(share).toBeLessThan(0.12);
  expect(likely.reduce((sum, value) => sum + value, 0) / rows.length).toBeCloseTo(share, 1.7);
  const last = trained.epochs.at(-1);
  expect(last?.validationMetric).toBeGreaterThan(1 - share - 0.03);
});

test('training that diverges stops and says what to lower', async () => {
  const points = await preparePoints(tableRoom.store, 100, String);
  const inputs = await tableRoom.inputs(points);
  const parameters = { ...tabular, model: { units: 4, flaw: 'explode' } };
  const training = trainStage.run(tableRoom.context('diverged'), inputs, parameters);
  await expect(training).rejects.toMatchObject({
    code: 'TRAINING_DIVERGED',
    details: { epoch: 1, step: 1, learningRate: 0.03 },
  });
});

test('a network that leaves tensors behind is stopped after the second epoch', async () => {
  const points = await preparePoints(tableRoom.store, 50, String);
  const inputs = await tableRoom.inputs(points);
  const parameters = { ...tabular, model: { units: 4, flaw: 'leak' } };
  await expect(trainStage.run(tableRoom.context('leak'), inputs, parameters)).rejects.toMatchObject(
    { code: 'TRAINING_LEAK', details: { epoch: 2 } },
  );
});

test.each([
  ['softmax', 'its last layer must have no activation, but has softmax'],
  ['outputs', 'it gives 2 numbers, but must 1'],
])('a network with the flaw "%s" is refused with a reason', async (flaw, reason) => {
  const points = await preparePoints(tableRoom.store, 50, String);
  const inputs = await tableRoom.inputs(points);
  const parameters = { ...tabular, model: { units: 4, flaw } };
  await expect(
    trainStage.run(tableRoom.context('flawed'), inputs, parameters),
  ).rejects.toMatchObject({ code: 'TRAINING_MODEL_INVALID', details: { reason } });
});

function listeningWorkspace(lines: string[]) {
  const reporter: Reporter = { ...createReporter(), info: (text) => lines.push(text) };
  return { root: room.root, reporter, signal: new AbortController().signal };
}

async function validationAccuracy(output: TrainOutput): Promise<number> {
  const { index } = await readPrepared(room.store, squares);
  const rows = index.rows.flatMap(({ split }, row) => (split === 'validation' ? [row] : []));
  const logits = await predict(room.store, output, squares, rows);
  const right = rows.filter((row, at) => {
    const [dark = 0, light = 0] = logits.subarray(at * 2, at * 2 + 2);
    return (dark > light ? 'dark' : 'light') === index.rows[row]?.label;
  });
  return right.length / rows.length;
}

async function predict(
  store: typeof room.store,
  output: TrainOutput,
  prepared: PrepareOutput,
  rows: number[],
): Promise<Float32Array> {
  await startBackend(output.backend);
  const model = await loadModel(store, output);
  const { fill } = await readPrepared(store, prepared);
  const { output: numbers } = await predictAll(model, rows, fill, 64);
  model.dispose();
  return numbers;
}
