import * as tf from '@tensorflow/tfjs-core';
import type { PreparedData } from '../prepare/index.ts';
import { augmentImage, isAugmenting, variationOf } from './augment.ts';
import { type Mixing, mixingOf } from './mixup.ts';
import type { TrainParameters } from './parameters.ts';
import { splitRows } from './split-rows.ts';

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
  /** What is laid over a batch in this epoch; null where nothing is. */
  mixing(rows: readonly number[], epoch: number): Mixing | null;
}

/** A batch as it was varied last, and where in it each row is. */
interface VariedRows {
  readonly epoch: number;
  readonly places: ReadonlyMap<number, number>;
  readonly values: Float32Array;
}

/**
 * Creates the batches of a prepared dataset.
 *
 * @throws MainstemError TRAINING_SPLIT_EMPTY
 */
export function createBatches(
  data: PreparedData,
  { augmentation, seed }: Pick<TrainParameters, 'augmentation' | 'seed'>,
): Batches {
  const { index, rowLength } = data;
  const { dtype, preprocessing } = index;
  // A backbone's features are not pictures any more.
  const pictures = dtype === 'uint8' && preprocessing.kind === 'image' ? preprocessing : null;
  const tensorOf = (rows: readonly number[], fill: (values: Float32Array) => void) => {
    const values = new Float32Array(rows.length * rowLength);
    fill(values);
    return tf.tensor(values, [rows.length, ...index.shape]);
  };
  const plain = (rows: readonly number[]) => tensorOf(rows, (values) => data.fill(values, rows));
  // What mixup lays over a batch are the same rows in another order, in the same variation.
  let last: VariedRows = { epoch: 0, places: new Map(), values: new Float32Array(0) };
  const varied = (rows: readonly number[], epoch: number) => {
    if (!pictures || !isAugmenting(augmentation)) return plain(rows);
    return tensorOf(rows, (values) => {
      const known = last.epoch === epoch ? last : null;
      const places = new Map<number, number>();
      for (const [position, row] of rows.entries()) {
        const offset = position * rowLength;
        const place = known?.places.get(row);
        if (known && place !== undefined) {
          values.set(known.values.subarray(place, place + rowLength), offset);
        } else {
          const variation = variationOf(augmentation, pictures.size, { seed, epoch, row });
          augmentImage(data.row(row), pictures, variation, values, offset);
        }
        places.set(row, offset);
      }
      last = { epoch, places, values };
    });
  };
  const mixup = pictures ? (augmentation.mixup ?? 0) : 0;
  const mixing = (rows: readonly number[], epoch: number) =>
    mixup > 0 ? mixingOf(rows, mixup, `${seed}/mixup/${epoch}/${rows[0]}`) : null;
  const train = splitRows(data, 'train');
  return { train, validation: splitRows(data, 'validation'), chunks, plain, varied, mixing };
}

function chunks(rows: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, chunk) =>
    rows.slice(chunk * size, (chunk + 1) * size),
  );
}
