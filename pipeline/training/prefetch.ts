import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import type { TrainParameters } from './parameters.ts';
import { type PrefetchSetup, PrefetchState, type PrefetchTask } from './prefetch-setup.ts';

/** Varies the pictures of the next batch on a thread of its own while a step computes: the same bits, earlier. */
export interface Prefetcher {
  /** Begins a batch, unless the thread is not there yet or still at another one. */
  begin(task: PrefetchTask): void;
  /** The values of the batch that was begun last, which may be waited for; null for any other one, which the caller varies. */
  take(task: PrefetchTask): Float32Array | null;
  close(): Promise<void>;
}

/** What is varied, and how. */
export interface PrefetchOptions
  extends Pick<TrainParameters, 'augmentation' | 'seed' | 'batchSize'> {
  readonly data: Pick<PreparedData, 'row' | 'rowLength'>;
  readonly preprocessing: ImagePreprocessing;
  /** The program of the thread. @default prefetch-worker.ts */
  readonly entry?: URL;
}

/** A thread that is silent for longer is not asked again. */
const patienceMs = 30_000;

/** Starts the thread. Nobody waits for it to be there: until then, and where it fails, nothing is prefetched. */
export function openPrefetcher(options: PrefetchOptions): Prefetcher {
  const { data, augmentation, seed, batchSize, preprocessing } = options;
  const { rowLength } = data;
  const setup: PrefetchSetup = {
    ...{ preprocessing, augmentation, seed },
    state: new Int32Array(new SharedArrayBuffer(4)),
    pixels: new Uint8Array(new SharedArrayBuffer(batchSize * rowLength)),
    values: new Float32Array(new SharedArrayBuffer(batchSize * rowLength * 4)),
  };
  const { state, pixels, values } = setup;
  const entry = options.entry ?? new URL('./prefetch-worker.ts', import.meta.url);
  const thread = new Worker(entry, { workerData: setup });
  thread.unref();
  const fail = () => void Atomics.store(state, 0, PrefetchState.failed);
  thread.on('error', fail).on('exit', fail);
  let begun: PrefetchTask | null = null;
  return {
    begin(task) {
      const now = Atomics.load(state, 0);
      if (now !== PrefetchState.idle && now !== PrefetchState.done) return;
      for (const [position, row] of task.rows.entries())
        pixels.set(data.row(row), position * rowLength);
      begun = task;
      Atomics.store(state, 0, PrefetchState.working);
      thread.postMessage(task);
    },
    take(task) {
      if (!isDeepStrictEqual(begun, task)) return null;
      begun = null;
      const waited = Atomics.wait(state, 0, PrefetchState.working, patienceMs);
      if (waited === 'timed-out') fail();
      if (Atomics.load(state, 0) !== PrefetchState.done) return null;
      // A copy: the memory is written over with the next batch.
      return values.slice(0, task.rows.length * rowLength);
    },
    async close() {
      await thread.terminate();
    },
  };
}
