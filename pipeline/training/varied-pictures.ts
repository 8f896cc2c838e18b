import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import { augmentRow } from './augment.ts';
import type { TrainParameters } from './parameters.ts';
import { openPrefetcher, type Prefetcher } from './prefetch.ts';
import type { PrefetchTask } from './prefetch-setup.ts';

/** Pictures of batches, each in its variation of an epoch. */
export interface VariedPictures {
  /** Writes the pictures of a batch, one after another. */
  fill(values: Float32Array, batch: PrefetchTask): void;
  /** Says which batch is asked for after the next one. */
  expect(batch: PrefetchTask): void;
}

/** Which pictures, and how they vary. */
export interface VariationOptions extends Pick<TrainParameters, 'augmentation' | 'seed'> {
  readonly data: Pick<PreparedData, 'row' | 'rowLength'>;
  readonly preprocessing: ImagePreprocessing;
  /** Rows of the largest batch that is varied ahead on a thread of its own; 0 for none. */
  readonly prefetchedRows: number;
}

/** A batch as it was varied last, and where in it each row is. */
interface LastBatch {
  readonly epoch: number;
  readonly places: ReadonlyMap<number, number>;
  readonly values: Float32Array;
}

/** Varies pictures. The values depend on seed, epoch and row alone, wherever they are computed. */
export function createVariedPictures(options: VariationOptions): VariedPictures {
  const { data, preprocessing, augmentation, seed, prefetchedRows } = options;
  const { rowLength } = data;
  const prefetcher: Prefetcher | null =
    prefetchedRows > 0 ? openPrefetcher({ ...options, batchSize: prefetchedRows }) : null;
  let expected: PrefetchTask | null = null;
  // What mixup lays over a batch are the same rows in another order, in the same variation.
  let last: LastBatch = { epoch: 0, places: new Map(), values: new Float32Array(0) };

  const vary = (values: Float32Array, { epoch, rows }: PrefetchTask) => {
    const known = last.epoch === epoch ? last : null;
    for (const [position, row] of rows.entries()) {
      const offset = position * rowLength;
      const place = known?.places.get(row);
      if (known && place !== undefined)
        values.set(known.values.subarray(place, place + rowLength), offset);
      else {
        const target = { values, offset };
        augmentRow(data.row(row), preprocessing, augmentation, { seed, epoch, row }, target);
      }
    }
  };
  return {
    fill(values, batch) {
      const prefetched = prefetcher?.take(batch);
      if (prefetched) values.set(prefetched);
      else vary(values, batch);
      const places = batch.rows.map((row, position) => [row, position * rowLength] as const);
      last = { epoch: batch.epoch, places: new Map(places), values };
      if (expected) prefetcher?.begin(expected);
      expected = null;
    },
    expect(batch) {
      expected = batch;
    },
  };
}
