import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ReadBatch } from './read-worker.ts';

/** Batches waiting in memory or being read: enough that neither thread waits for the other. */
const batchesAhead = 2;

/** A second thread that reads files before they are asked for. */
export interface ReadAhead {
  /** The next batch, in order. @throws whatever ended the thread */
  next(): Promise<ReadBatch>;
  close(): Promise<void>;
}

/** Starts reading lists of paths, a few lists ahead of demand. */
export function startReadAhead(lists: Iterator<readonly string[]>): ReadAhead {
  const worker = new Worker(new URL('./read-worker.ts', import.meta.url));
  const replies = on(worker, 'message', { close: ['exit'] });
  const request = () => {
    const { value, done } = lists.next();
    if (!done) worker.postMessage(value.join('\0'));
  };
  for (let batch = 0; batch < batchesAhead; batch++) request();
  return {
    async next() {
      const { value, done } = await replies.next();
      if (done) throw new Error('the thread that reads files ended early');
      request();
      const [batch]: ReadBatch[] = value;
      if (!batch) throw new Error('the thread that reads files sent nothing');
      return batch;
    },
    async close() {
      await worker.terminate();
    },
  };
}
