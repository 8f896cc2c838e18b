import { Worker } from 'node:worker_threads';
import { MainstemError } from '../../platform/lib/errors.ts';

/** A thread that computes, and does nothing until a message says which models it begins with. */
export interface Thread {
  readonly worker: Worker;
  /** When it has loaded the runtime. @throws MainstemError SERVING_WORKER_FAILED */
  readonly loaded: Promise<void>;
}

/**
 * Starts a thread. Loading the runtime takes it about as long as the main thread needs for the rest of the server, so that a server
 * starts its threads first and tells them later what to compute.
 */
export function startThread(): Thread {
  const worker = new Worker(new URL('./start-worker.ts', import.meta.url));
  const loaded = nextMessage(worker);
  // Whoever takes the thread hears of it; until then nobody listens.
  loaded.catch(() => {});
  return { worker, loaded };
}

/** Ends threads that were never told anything. One that is ended while it loads native code may take the whole process with it. */
export async function endThreads(threads: readonly Thread[]): Promise<void> {
  await Promise.allSettled(
    threads.map(async ({ worker, loaded }) => {
      await loaded;
      await worker.terminate();
    }),
  );
}

/** Waits for whatever a thread sends next. @throws MainstemError SERVING_WORKER_FAILED if it ends instead */
export function nextMessage(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', (error: Error) => reject(failure(error.message)));
    worker.once('exit', (code) => reject(failure(`the thread ended with code ${code}`)));
    if (worker.threadId < 0) reject(failure('the thread ended before it was needed'));
  });
}

function failure(reason: string): MainstemError {
  return new MainstemError('SERVING_WORKER_FAILED', { reason });
}
