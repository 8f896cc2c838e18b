// The thread that varies the next batch while a step computes. Started by prefetch.ts, never by hand.
import { parentPort, workerData } from 'node:worker_threads';
import { augmentRow } from './augment.ts';
import { type PrefetchSetup, PrefetchState, type PrefetchTask } from './prefetch-setup.ts';

const { preprocessing, augmentation, seed, state, pixels, values }: PrefetchSetup = workerData;
const rowLength = preprocessing.size ** 2 * 3;

parentPort?.on('message', ({ epoch, rows }: PrefetchTask) => {
  try {
    for (const [position, row] of rows.entries()) {
      const offset = position * rowLength;
      const picture = pixels.subarray(offset, offset + rowLength);
      augmentRow(picture, preprocessing, augmentation, { seed, epoch, row }, { values, offset });
    }
    enter(PrefetchState.done);
  } catch {
    // Whoever waits varies the batch itself, and has the same error to show.
    enter(PrefetchState.failed);
  }
});
enter(PrefetchState.idle);

function enter(next: number): void {
  Atomics.store(state, 0, next);
  Atomics.notify(state, 0);
}
