import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadRecorder, type Recording, type RecordStep } from '../backends/index.ts';
import type { Batches } from './batches.ts';
import { isRepeatable } from './is-repeatable.ts';
import type { Mixing } from './mixup.ts';
import { applyNetwork } from './network.ts';
import type { Objective } from './objective.ts';
import type { OutlierExposure } from './outlier-exposure.ts';

/** What a loss depends on. */
export interface LossOptions {
  readonly network: LayersModel;
  readonly objective: Objective;
  readonly batches: Batches;
  /** Null to train without outliers. */
  readonly outlierExposure: OutlierExposure | null;
}

/** What a step needs of one batch. The caller disposes of all tensors. */
export type BatchGradients = {
  /** The network's output for the rows: [rows, outputs]. */
  readonly output: tf.Tensor;
  /** The loss's gradients, by the weights' names. */
  readonly gradients: tf.NamedTensorMap;
};

/** Computes the gradients of batches. Dispose it. */
export interface GradientSource {
  of(epoch: number, rows: readonly number[]): BatchGradients;
  dispose(): void;
}

/**
 * Creates what computes gradients. A step of a network of known layers is recorded for each size of a batch and repeated from then
 * on, with the same bits in less time.
 *
 * @param repeats false to have the library compute each step
 */
export async function createGradientSource(
  options: LossOptions,
  { repeats = true }: { readonly repeats?: boolean } = {},
): Promise<GradientSource> {
  const record = repeats && isRepeatable(options.network) ? await loadRecorder() : null;
  const steps = record && new RepeatedSteps(options, record);
  const { batches } = options;
  return {
    of(epoch, rows) {
      const mixing = batches.mixing(rows, epoch);
      return steps && !mixing
        ? steps.of(epoch, rows)
        : computeGradients(options, { epoch, rows, mixing });
    },
    dispose: () => steps?.dispose(),
  };
}

/** A recorded step, and the names of the gradients among its results, of which the first is the output. */
interface Repeated {
  readonly recording: Recording;
  readonly names: readonly string[];
}

class RepeatedSteps {
  readonly #options: LossOptions;
  readonly #record: RecordStep;
  /** By the rows of a batch; null where a step cannot be repeated. */
  readonly #bySize = new Map<number, Repeated | null>();

  constructor(options: LossOptions, record: RecordStep) {
    this.#options = options;
    this.#record = record;
  }

  of(epoch: number, rows: readonly number[]): BatchGradients {
    const known = this.#bySize.get(rows.length);
    const { batches, objective, outlierExposure } = this.#options;
    const inputs = {
      ...{ batch: batches.varied(rows, epoch), truth: objective.truth(rows) },
      outliers: outlierExposure?.batch(epoch, rows),
    };
    const found = known ? repeatStep(known, inputs) : this.#compute(inputs, known === undefined);
    for (const each of tensorsOf(inputs)) each.dispose();
    return found;
  }

  dispose(): void {
    for (const repeated of this.#bySize.values()) repeated?.recording.dispose();
    this.#bySize.clear();
  }

  /** @param isFirst of its size */
  #compute(inputs: StepInputs, isFirst: boolean): BatchGradients {
    const compute = () => tf.tidy(() => differentiate(() => lossOf(this.#options, inputs)));
    if (!isFirst) return compute();
    let found: BatchGradients | undefined;
    const weights = this.#options.network.weights.map((weight) => weight.read()).filter(isVariable);
    const { recording } = this.#record({ inputs: tensorsOf(inputs), weights }, () => {
      found = compute();
      return [found.output, ...Object.values(found.gradients)];
    });
    if (!found) throw new Error('the step was not done');
    const names = Object.keys(found.gradients);
    this.#bySize.set(inputs.batch.shape[0] ?? 0, recording && { recording, names });
    return found;
  }
}

interface StepInputs {
  readonly batch: tf.Tensor;
  readonly truth: tf.Tensor;
  /** Undefined without exposure to outliers. */
  readonly outliers: tf.Tensor | undefined;
}

function tensorsOf({ batch, truth, outliers }: StepInputs): tf.Tensor[] {
  return outliers ? [batch, truth, outliers] : [batch, truth];
}

/** The output of one batch, and the terms of the loss. */
interface Outcome {
  readonly output: tf.Tensor;
  readonly losses: readonly tf.Scalar[];
}

function repeatStep({ recording, names }: Repeated, inputs: StepInputs): BatchGradients {
  const [output, ...others] = recording.repeat(tensorsOf(inputs));
  if (!output) throw new Error('the recorded step made no output');
  const gradients: tf.NamedTensorMap = {};
  for (const [at, name] of names.entries()) {
    const gradient = others[at];
    if (gradient) gradients[name] = gradient;
  }
  return { output, gradients };
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}

/** A step as the library computes it. Mixed rows have shares that are other constants each time. */
function computeGradients(
  options: LossOptions,
  { epoch, rows, mixing }: { epoch: number; rows: readonly number[]; mixing: Mixing | null },
): BatchGradients {
  const { batches, objective, outlierExposure } = options;
  return tf.tidy(() => {
    const batch = mixed(batches, rows, epoch, mixing);
    const outliers = outlierExposure?.batch(epoch, rows);
    return differentiate(() => {
      const output = applyNetwork(options.network, batch, true);
      return outcomeOf(options, output, mixedLoss(objective, output, rows, mixing), outliers);
    });
  });
}

function lossOf(options: LossOptions, { batch, truth, outliers }: StepInputs): Outcome {
  const output = applyNetwork(options.network, batch, true);
  return outcomeOf(options, output, options.objective.loss(output, truth), outliers);
}

/** The loss of the rows, and what is added to it. */
function outcomeOf(
  { network, outlierExposure }: LossOptions,
  output: tf.Tensor,
  loss: tf.Scalar,
  outliers: tf.Tensor | undefined,
): Outcome {
  const losses = [loss, ...network.calculateLosses()];
  if (outlierExposure && outliers)
    losses.push(outlierExposure.loss(output, applyNetwork(network, outliers, true)));
  return { output, losses };
}

/** The gradients of the sum of the losses that a function returns. All that is returned is kept. */
function differentiate(compute: () => Outcome): BatchGradients {
  const kept: tf.Tensor[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const { output, losses } = compute();
    kept.push(tf.keep(output));
    return losses.reduce((sum, each) => tf.add(sum, each));
  });
  value.dispose();
  const [output] = kept;
  if (!output) throw new Error('the network was not applied');
  return { output, gradients: grads };
}

function mixed(
  batches: Batches,
  rows: readonly number[],
  epoch: number,
  mixing: Mixing | null,
): tf.Tensor {
  const batch = batches.varied(rows, epoch);
  if (!mixing) return batch;
  const other = batches.varied(mixing.rows, epoch);
  return tf.add(tf.mul(batch, 1 - mixing.share), tf.mul(other, mixing.share));
}

function mixedLoss(
  objective: Objective,
  output: tf.Tensor,
  rows: readonly number[],
  mixing: Mixing | null,
): tf.Scalar {
  const loss = objective.loss(output, objective.truth(rows));
  if (!mixing) return loss;
  const other = objective.loss(output, objective.truth(mixing.rows));
  return tf.add(tf.mul(loss, 1 - mixing.share), tf.mul(other, mixing.share));
}
