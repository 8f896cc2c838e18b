import * as tf from '@tensorflow/tfjs-core';
import { leavesProcessors } from '../backends/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import { isAugmenting } from './augment.ts';
import { type Mixing, mixingOf } from './mixup.ts';
import type { TrainParameters } from './parameters.ts';
import { splitRows } from './split-rows.ts';
import { createVariedPictures } from './varied-pictures.ts';

/** Network input, by row number in the prepared index. */
export interface Batches {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Cuts rows into batches of `size`; the last may be smaller. */
  chunks(rows: readonly number[], size: number): readonly number[][];
  /** Rows as they were prepared. The caller disposes of the tensor. */
  plain(rows: readonly number[]): tf.Tensor;
  /** Rows with this epoch's augmentation. The caller disposes of the tensor. */
  varied(rows: readonly number[], epoch: number): tf.Tensor;
  /** Says which rows are asked for after the next ones: they are varied ahead, where there is a processor for that. */
  expect(rows: readonly number[], epoch: number): void;
  /** What is laid over a batch in this epoch; null where nothing is. */
  mixing(rows: readonly number[], epoch: number): Mixing | null;
}

/**
 * Creates the batches of a prepared dataset.
 *
 * @param prefetchedRows rows of the largest batch that is varied ahead on a thread of its own; 0 for none
 * @throws MainstemError TRAINING_SPLIT_EMPTY
 */
export function createBatches(
  data: PreparedData,
  { augmentation, seed }: Pick<TrainParameters, 'augmentation' | 'seed'>,
  { prefetchedRows = 0 }: { readonly prefetchedRows?: number } = {},
): Batches {
  const { index, rowLength } = data;
  const { dtype, preprocessing } = index;
  // A backbone's features are not pictures any more.
  const isPictures = dtype === 'uint8' && preprocessing.kind === 'image';
  const pictures =
    isPictures && isAugmenting(augmentation)
      ? createVariedPictures({ data, preprocessing, augmentation, seed, prefetchedRows })
      : null;
  const tensorOf = (rows: readonly number[], fill: (values: Float32Array) => void) => {
    const values = new Float32Array(rows.length * rowLength);
    fill(values);
    return tf.tensor(values, [rows.length, ...index.shape]);
  };
  const plain = (rows: readonly number[]) => tensorOf(rows, (values) => data.fill(values, rows));
  const mixup = isPictures ? (augmentation.mixup ?? 0) : 0;
  return {
    train: splitRows(data, 'train'),
    validation: splitRows(data, 'validation'),
    chunks,
    plain,
    varied: (rows, epoch) =>
      pictures ? tensorOf(rows, (values) => pictures.fill(values, { epoch, rows })) : plain(rows),
    expect: (rows, epoch) => pictures?.expect({ epoch, rows }),
    mixing: (rows, epoch) =>
      mixup > 0 ? mixingOf(rows, mixup, `${seed}/mixup/${epoch}/${rows[0]}`) : null,
  };
}

/** What a process that trains prefetches: nothing where all processors compute the network. */
export function prefetchOf({ batchSize }: Pick<TrainParameters, 'batchSize'>): {
  readonly prefetchedRows: number;
} {
  return { prefetchedRows: leavesProcessors(process.env) ? batchSize : 0 };
}

function chunks(rows: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, chunk) =>
    rows.slice(chunk * size, (chunk + 1) * size),
  );
}
