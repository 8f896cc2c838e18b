import { setImmediate as turnEventLoop } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { MainstemError } from '../../platform/lib/errors.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { Epoch } from '../../platform/schemas/index.ts';
import { type AdamOptimizer, createOptimizer } from '../backends/index.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { bestEpochOf, isStalled } from './early-stopping.ts';
import { createGradientSource, type GradientSource, type LossOptions } from './gradients.ts';
import { learningRateOf } from './learning-rate.ts';
import { applyNetwork, copyTensor, copyWeights, restoreWeights } from './network.ts';
import type { Measures } from './objective.ts';
import type { TrainParameters } from './parameters.ts';
import { seedMathRandom } from './seed.ts';

/** What training a network needs. */
export interface FitOptions extends LossOptions {
  readonly parameters: TrainParameters;
  /** The folder for the checkpoint. */
  readonly scratch: string;
  /** Called before the first epoch. @param resumedAfter the last epoch in the checkpoint; 0 without one. */
  readonly onStart: (resumedAfter: number) => void;
  /** Called after each epoch. */
  readonly onEpoch: (epoch: Epoch, seconds: number) => void;
  /** Called now and then within an epoch. @param rows trained so far in this epoch. */
  readonly onRows: (rows: number) => void;
}

/** How training went. */
export interface FitResult {
  readonly epochs: Epoch[];
  readonly bestEpoch: number;
  readonly stopped: 'epochs' | 'early';
}

/** Validation needs no gradients, so larger batches cost little memory. */
const validationBatch = 128;
/** A checkpoint costs a sync to disk: short epochs share one. */
const checkpointMs = 1_000;
const eventLoopMs = 100;

/**
 * Trains a network and leaves the weights of its best epoch in it. Resumes from the checkpoint in the scratch folder if
 * there is one, with bit-identical results: every epoch draws its random numbers from the seed and its own number.
 *
 * @throws MainstemError TRAINING_DIVERGED, TRAINING_LEAK
 */
export async function fitNetwork(options: FitOptions): Promise<FitResult> {
  const { network, parameters } = options;
  const optimizer = await createOptimizer(parameters.learningRate);
  const source = await createGradientSource(options);
  const steps: Steps = { source, optimizer };
  let state = await startState(options, optimizer);
  options.onStart(state.epochs.length);
  let checkpointed = 0;
  let tensors: number | null = null;
  while (state.epochs.length < parameters.epochs) {
    if (isStalled(state.epochs, parameters.earlyStopping)) break;
    const epoch = await runEpoch(options, steps, state.epochs.length + 1);
    state = await addEpoch(options, state, epoch);
    tensors = assertNoLeak(tensors, epoch.epoch);
    if (Date.now() - checkpointed >= checkpointMs) {
      await writeCheckpoint(options.scratch, { ...state, ...(await copyOptimizer(optimizer)) });
      checkpointed = Date.now();
    }
  }
  restoreWeights(network, state.best);
  optimizer.dispose();
  source.dispose();
  const { epochs } = state;
  const stopped = isStalled(epochs, parameters.earlyStopping) ? 'early' : 'epochs';
  return { epochs, bestEpoch: bestEpochOf(epochs), stopped };
}

/** What makes steps. */
interface Steps {
  readonly source: GradientSource;
  readonly optimizer: AdamOptimizer;
}

type State = Pick<Checkpoint, 'epochs' | 'weights' | 'best'>;

async function startState(options: FitOptions, optimizer: AdamOptimizer): Promise<State> {
  const checkpoint = await readCheckpoint(options.scratch);
  if (!checkpoint) {
    const weights = await copyWeights(options.network);
    return { epochs: [], weights, best: weights };
  }
  restoreWeights(options.network, checkpoint.weights);
  await restoreOptimizer(optimizer, checkpoint);
  return checkpoint;
}

async function addEpoch(
  { network, parameters, batches }: FitOptions,
  state: State,
  epoch: Epoch,
): Promise<State> {
  const epochs = [...state.epochs, epoch];
  const weights = await copyWeights(network);
  // ReLU turns NaN into 0 on some backends, so that broken weights do not always show in the loss.
  const broken = weights.find(({ values }) => !values.every(Number.isFinite));
  const step = Math.ceil(batches.train.length / parameters.batchSize);
  if (broken) assertFinite(Number.NaN, { epoch: epoch.epoch, step, parameters });
  return { epochs, weights, best: bestEpochOf(epochs) === epoch.epoch ? weights : state.best };
}

async function runEpoch(options: FitOptions, steps: Steps, epoch: number): Promise<Epoch> {
  const { batches, parameters } = options;
  const { optimizer } = steps;
  const began = performance.now();
  seedMathRandom(`${parameters.seed}/layers/${epoch}`);
  optimizer.learningRate = learningRateOf(epoch, parameters);
  const train = await trainEpoch(options, steps, epoch);
  const validation = createMeasures();
  for (const rows of batches.chunks(batches.validation, validationBatch)) {
    await validateBatch(options, rows, validation);
  }
  const result = {
    epoch,
    learningRate: optimizer.learningRate,
    trainLoss: train.loss / train.weight,
    trainMetric: train.metric / train.rows,
    validationLoss: validation.loss / validation.weight,
    validationMetric: validation.metric / validation.rows,
  };
  const step = Math.ceil(train.rows / parameters.batchSize);
  assertFinite(result.validationLoss + result.validationMetric, { epoch, step, parameters });
  options.onEpoch(result, (performance.now() - began) / 1000);
  return result;
}

async function trainEpoch(options: FitOptions, steps: Steps, epoch: number): Promise<Measures> {
  const { batches, parameters, objective } = options;
  const order = createRandom(`${parameters.seed}/order/${epoch}`).shuffle(batches.train);
  const sums = createMeasures();
  let turned = Date.now();
  const chunks = batches.chunks(order, parameters.batchSize);
  for (const [step, rows] of chunks.entries()) {
    const next = chunks[step + 1];
    if (next) batches.expect(next, epoch);
    const output = await trainBatch(steps.source, steps.optimizer, epoch, rows);
    objective.measure(output, rows, sums);
    assertFinite(sums.loss + sums.metric, { epoch, step: step + 1, parameters });
    if (Date.now() - turned < eventLoopMs) continue;
    options.onRows(sums.rows);
    await turnEventLoop();
    turned = Date.now();
  }
  return sums;
}

/** Makes one optimiser step on some rows. @returns the network's output for them before the step: [rows, outputs] */
export async function trainBatch(
  source: GradientSource,
  optimizer: AdamOptimizer,
  epoch: number,
  rows: readonly number[],
): Promise<Float32Array> {
  const { output, gradients } = source.of(epoch, rows);
  optimizer.applyGradients(gradients);
  const numbers = await output.data<'float32'>();
  // Not by tf.dispose, which searches what it is given: a tenth of a small network's step.
  for (const each of [output, ...Object.values(gradients)]) each.dispose();
  return numbers;
}

async function validateBatch(
  { network, objective, batches }: FitOptions,
  rows: readonly number[],
  sums: Measures,
): Promise<void> {
  const output = tf.tidy(() => applyNetwork(network, batches.plain(rows), false));
  objective.measure(await output.data<'float32'>(), rows, sums);
  output.dispose();
}

function createMeasures(): Measures {
  return { loss: 0, metric: 0, weight: 0, rows: 0 };
}

/** @throws MainstemError TRAINING_DIVERGED */
function assertFinite(
  loss: number,
  { epoch, step, parameters }: { epoch: number; step: number; parameters: TrainParameters },
): void {
  if (Number.isFinite(loss)) return;
  const { learningRate } = parameters;
  throw new MainstemError('TRAINING_DIVERGED', { loss, epoch, step, learningRate });
}

/** The number of tensors must not grow after the first epoch. @throws MainstemError TRAINING_LEAK */
function assertNoLeak(before: number | null, epoch: number): number {
  const after = tf.memory().numTensors;
  if (before === null || after <= before) return after;
  throw new MainstemError('TRAINING_LEAK', { before, after, epoch });
}

async function copyOptimizer(
  optimizer: AdamOptimizer,
): Promise<Pick<Checkpoint, 'step' | 'moments'>> {
  const weights = await optimizer.getWeights();
  const moments: Checkpoint['moments'] = [];
  for (const { name, tensor } of weights.slice(1)) {
    moments.push({ name, ...(await copyTensor(tensor)) });
  }
  tf.dispose(weights.map(({ tensor }) => tensor));
  return { step: optimizer.iterations, moments };
}

async function restoreOptimizer(optimizer: AdamOptimizer, checkpoint: Checkpoint): Promise<void> {
  const step = { name: 'iter', tensor: tf.scalar(checkpoint.step, 'int32') };
  const moments = checkpoint.moments.map(({ name, shape, values }) => ({
    name,
    tensor: tf.tensor(values, shape),
  }));
  await optimizer.setWeights([step, ...moments]);
  tf.dispose([step, ...moments].map(({ tensor }) => tensor));
}
