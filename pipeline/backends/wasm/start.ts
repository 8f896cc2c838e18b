import * as tf from '@tensorflow/tfjs-core';
import { startFailure } from '../start-failure.ts';
import { countThreads } from './count-threads.ts';
import type { Heap } from './heap.ts';
import { isFused } from './is-fused.ts';
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
  const fused = isFused(process.env);
  const heap = await startHeap(countThreads(process.env), fused);
  if (fused && !fuses(heap))
    throw startFailure('wasm', 'MAINSTEM_FUSED is 1, but this processor rounds products and sums');
  registerKernels(heap);
}

/** Whether the kernels round −(1 + 2⁻¹¹) + (1 + 2⁻¹²)² once: rounded twice it is 0. */
function fuses(heap: Heap): boolean {
  const factor = 1 + 2 ** -12;
  const left = heap.allocateFrom(Float32Array.of(-1, factor));
  const columns = [1 + 2 ** -11, factor].flatMap((value) => new Array<number>(8).fill(value));
  const right = heap.allocateFrom(Float32Array.from(columns));
  const out = heap.allocate([8]);
  const addresses = [left, right, out].map((tensor) => heap.address(tensor));
  heap.compiled.multiply(0, 1, ...addresses, 1, 8, 2, 0, -Infinity);
  const once = heap.view(out).every((value) => value === 2 ** -24);
  heap.release(left, right, out);
  return once;
}
