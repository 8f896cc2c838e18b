import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { TrainParameters } from './parameters.ts';

/** What the thread that varies batches ahead is started with. All memory is shared with it. */
export interface PrefetchSetup {
  readonly preprocessing: ImagePreprocessing;
  readonly augmentation: TrainParameters['augmentation'];
  readonly seed: number;
  /** One number: a {@link PrefetchState}. */
  readonly state: Int32Array;
  /** Pictures of a batch as they were prepared, one after another. */
  readonly pixels: Uint8Array;
  /** The same as network input, varied. */
  readonly values: Float32Array;
}

/** What the thread is doing. */
export const PrefetchState = { starting: 0, idle: 1, working: 2, done: 3, failed: 4 } as const;

/** A batch to vary, whose pictures are in the shared memory. */
export interface PrefetchTask {
  readonly epoch: number;
  readonly rows: readonly number[];
}
