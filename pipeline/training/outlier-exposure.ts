import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '../../platform/lib/random.ts';
import type { BlobStore, PrepareOutput } from '../../platform/schemas/index.ts';
import { type PreparedData, readPrepared } from '../prepare/index.ts';
import { createBatches } from './batches.ts';
import type { TrainParameters } from './parameters.ts';

/** Shows the network outliers while it trains, so that it learns to refuse them. */
export interface OutlierExposure {
  /**
   * Outliers for the step on these training rows, drawn again for each step. The caller disposes of the tensor.
   *
   * @returns [outliers, …shape of an input]
   */
  batch(epoch: number, rows: readonly number[]): tf.Tensor;
  /**
   * The term that a step adds to its loss.
   *
   * @param inliers logits of the training rows, [rows, classes].
   * @param outliers logits of the batch of outliers, [outliers, classes].
   */
  loss(inliers: tf.Tensor, outliers: tf.Tensor): tf.Scalar;
}

/** Outliers per training row in each step: enough to learn from, for a quarter of the work. */
const share = 0.25;

/**
 * Outlier exposure: a logistic loss on the energy log Σ exp(zᵢ), which makes the energy the log odds that an input is
 * in distribution. Softmax ignores the level of the logits, so the classes lose nothing. After Hendrycks et al.,
 * "Deep Anomaly Detection with Outlier Exposure", 2019, with the energy of Liu et al., 2020.
 *
 * @param data the out-of-distribution set; only its `train` rows are shown, the others measure the result.
 * @param weight of this loss relative to that of the classes.
 * @throws MainstemError TRAINING_SPLIT_EMPTY
 */
export function createOutlierExposure(
  data: PreparedData,
  parameters: TrainParameters,
  weight: number,
): OutlierExposure {
  const { train, varied } = createBatches(data, parameters);
  return {
    batch(epoch, rows) {
      // The stream's name determines the draws: a new name would train other weights.
      const random = createRandom(`${parameters.seed}/strangers/${epoch}/${rows[0]}`);
      const count = Math.max(1, Math.round(rows.length * share));
      const drawn = Array.from({ length: count }, () => train[random.int(train.length)] ?? 0);
      return varied(drawn, epoch);
    },
    loss(inliers, outliers) {
      const inside = tf.mean(tf.softplus(tf.neg(tf.logSumExp(inliers, -1))));
      const outside = tf.mean(tf.softplus(tf.logSumExp(outliers, -1)));
      return tf.mul<tf.Scalar>(tf.add(inside, outside), weight);
    },
  };
}

/** The outliers that parameters say are shown; null where none are. @throws MainstemError TRAINING_SPLIT_EMPTY, STORE_MISSING */
export async function readOutlierExposure(
  store: BlobStore,
  outliers: PrepareOutput | null,
  parameters: TrainParameters,
): Promise<OutlierExposure | null> {
  const weight = parameters.outlierExposure ?? 0;
  if (!outliers || weight === 0) return null;
  return createOutlierExposure(await readPrepared(store, outliers), parameters, weight);
}
