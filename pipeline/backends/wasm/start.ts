import * as tf from '@tensorflow/tfjs-core';
import { startFailure } from '../start-failure.ts';
import { countThreads } from './count-threads.ts';
import { registerKernels } from './register-kernels.ts';
import { startHeap } from './start-heap.ts';

let started: Promise<void> | undefined;

/**
 * Makes the WASM backend with our kernels the current one; the threads are those of the first call in a process.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE
 */
export async function startWasm(): Promise<void> {
  started ??= start().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  await started;
  if (!(await tf.setBackend('wasm'))) throw startFailure('wasm', 'it did not initialise');
}

async function start(): Promise<void> {
  registerKernels(await startHeap(countThreads(process.env)));
}
