import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '../../platform/lib/random.ts';
import type { PreparedData } from '../prepare/index.ts';
import { createBatches } from './batches.ts';
import type { TrainParameters } from './parameters.ts';

/** Inputs that must be refused, shown to the network while it learns. */
export interface Strangers {
  /** Input for one step beside these training rows, drawn anew each step. The caller disposes it. */
  batch(epoch: number, rows: readonly number[]): tf.Tensor;
  /** What a step adds to its loss. @param known logits of the training rows @param strange logits of the batch */
  loss(known: tf.Tensor, strange: tf.Tensor): tf.Scalar;
}

/** Strangers a step for each training row: enough to learn from, a quarter of the work. */
const share = 0.25;

/**
 * Outlier exposure: a logistic loss on the energy log Σ exp(zᵢ), which makes it the log odds that an input is
 * of the known kind. Softmax does not see the level of the logits, so the classes lose nothing. After
 * Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", 2019, with the energy of Liu et al., 2020.
 *
 * @param data the out-of-distribution set; only its `train` rows are shown, the others judge the result.
 * @param weight of the loss beside that of the classes.
 */
export function createStrangers(
  data: PreparedData,
  parameters: TrainParameters,
  weight: number,
): Strangers {
  const { train, varied } = createBatches(data, parameters);
  return {
    batch(epoch, rows) {
      const random = createRandom(`${parameters.seed}/strangers/${epoch}/${rows[0]}`);
      const count = Math.max(1, Math.round(rows.length * share));
      const drawn = Array.from({ length: count }, () => train[random.int(train.length)] ?? 0);
      return varied(drawn, epoch);
    },
    loss(known, strange) {
      const inside = tf.mean(tf.softplus(tf.neg(tf.logSumExp(known, -1))));
      const outside = tf.mean(tf.softplus(tf.logSumExp(strange, -1)));
      return tf.mul<tf.Scalar>(tf.add(inside, outside), weight);
    },
  };
}
