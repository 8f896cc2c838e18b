import * as tf from '@tensorflow/tfjs-core';
import type { LabelScale, PreparedIndex, PreparedRow } from '../../platform/schemas/index.ts';
import {
  fromLabelScale,
  indexOfLargest,
  removeShift,
  shiftOf,
  toLabelScale,
} from '../../platform/transforms/index.ts';
import { crossEntropyKernel } from '../backends/index.ts';
import { classWeightsOf } from './class-weights.ts';
import type { TrainInputs } from './messages.ts';

/** Sums over rows; divide `loss` by `weight` and `metric` by `rows` for means. */
export interface Measures {
  loss: number;
  metric: number;
  /** Total weight of the rows in the loss. */
  weight: number;
  rows: number;
}

/** What training minimises. Row numbers are those of the prepared index. */
export interface Objective {
  /** How many numbers the network must output. */
  readonly outputs: number;
  /** The network learns targets as (target − shift) / scale. 0 and 1 for classes. */
  readonly target: { readonly shift: number; readonly scale: number };
  /** The weight of each class in the loss; undefined where all count alike. */
  readonly classWeights?: readonly number[] | undefined;
  /** What {@link loss} compares the output for these rows with. The caller disposes of it. */
  truth(rows: readonly number[]): tf.Tensor;
  /** The mean loss of a batch, which is differentiated. @param output [rows, outputs] @param truth of the same rows */
  loss(output: tf.Tensor, truth: tf.Tensor): tf.Scalar;
  /** Adds a batch's loss and metric (hits, or absolute error in the target's unit). */
  measure(output: Float32Array, rows: readonly number[], sums: Measures): void;
}

/** What a task's network minimises. */
export function objectiveOf(
  { task, classes, labelScale }: Pick<TrainInputs, 'task' | 'classes' | 'labelScale'>,
  { rows }: PreparedIndex,
  classWeights: 'none' | 'balanced',
): Objective {
  return task === 'tabular-regression'
    ? squaredErrorObjective(rows, labelScale)
    : crossEntropyObjective(rows, classes, classWeights);
}

/**
 * Softmax cross entropy on logits, each row weighted by its class; the metric counts correct answers, which are those of
 * the logits without what the weights added to them.
 */
export function crossEntropyObjective(
  rows: readonly PreparedRow[],
  classes: readonly string[],
  mode: 'none' | 'balanced',
): Objective {
  const labels = rows.map(({ label }) => classes.indexOf(label));
  const training = labels.filter((_, row) => rows[row]?.split === 'train');
  const weights = [...classWeightsOf(mode, training, classes.length)];
  const shift = shiftOf(weights);
  const labelOf = (row: number) => labels[row] ?? 0;
  const weightOf = (row: number) => weights[labelOf(row)] ?? 0;
  const outputs = classes.length;
  return {
    outputs,
    target: { shift: 0, scale: 1 },
    classWeights: shift && weights,
    truth(batch) {
      const shares = new Float32Array(batch.length * outputs);
      for (const [position, row] of batch.entries()) {
        shares[position * outputs + labelOf(row)] = weightOf(row) / batch.length;
      }
      return tf.tensor2d(shares, [batch.length, outputs]);
    },
    loss: crossEntropy,
    measure(output, batch, sums) {
      for (const [position, row] of batch.entries()) {
        const logits = output.subarray(position * outputs, (position + 1) * outputs);
        const weight = weightOf(row);
        sums.loss += weight * (logSumExp(logits) - (logits[labelOf(row)] ?? 0));
        const answers = removeShift(logits, shift);
        sums.metric += indexOfLargest(answers) === labelOf(row) ? 1 : 0;
        sums.weight += weight;
        sums.rows += 1;
      }
    },
  };
}

/**
 * Mean squared error of the standardised target; the metric is the absolute error in the label's unit.
 *
 * @param scale what is learnt of the labels
 */
export function squaredErrorObjective(rows: readonly PreparedRow[], scale?: LabelScale): Objective {
  const labels = rows.map(({ label }) => Number(label));
  const targets = labels.map((label) => toLabelScale(label, scale));
  const target = standardisation(targets.filter((_, row) => rows[row]?.split === 'train'));
  const labelOf = (value: number) => fromLabelScale(value * target.scale + target.shift, scale);
  const standardised = (row: number) => ((targets[row] ?? 0) - target.shift) / target.scale;
  return {
    outputs: 1,
    target,
    truth: (batch) => tf.tensor2d(Float32Array.from(batch, standardised), [batch.length, 1]),
    loss: (output, truth) => tf.mean<tf.Scalar>(tf.square(tf.sub(output, truth))),
    measure(output, batch, sums) {
      for (const [position, row] of batch.entries()) {
        const error = (output[position] ?? 0) - standardised(row);
        sums.loss += error * error;
        sums.metric += scale
          ? Math.abs(labelOf(output[position] ?? 0) - (labels[row] ?? 0))
          : Math.abs(error) * target.scale;
        sums.weight += 1;
        sums.rows += 1;
      }
    },
  };
}

/** −Σ shares × log softmax(logits), as one operation where the backend has it. */
function crossEntropy(logits: tf.Tensor, shares: tf.Tensor): tf.Scalar {
  if (tf.getKernel(crossEntropyKernel, tf.getBackend()))
    return tf.engine().runKernel(crossEntropyKernel, { logits, shares });
  return tf.neg(tf.sum<tf.Scalar>(tf.mul(shares, tf.logSoftmax(logits))));
}

function standardisation(values: readonly number[]): { shift: number; scale: number } {
  const shift = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - shift) ** 2, 0) / values.length;
  return { shift, scale: Math.sqrt(variance) || 1 };
}

function largest(values: Float32Array): number {
  let found = Number.NEGATIVE_INFINITY;
  for (const value of values) found = Math.max(found, value);
  return found;
}

function logSumExp(values: Float32Array): number {
  const top = largest(values);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}
