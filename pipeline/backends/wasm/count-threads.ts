import { availableParallelism } from 'node:os';
import { startFailure } from '../start-failure.ts';

/** More do not help networks of the size that a processor trains. */
const usualThreads = 8;
const mostThreads = 64;

/**
 * Whether processors are left where networks are computed on as many threads as there usually are. Who says how many threads there may
 * be has shared the processors out.
 */
export function leavesProcessors(
  { MAINSTEM_THREADS: asked }: NodeJS.ProcessEnv,
  processors = availableParallelism(),
): boolean {
  return !asked && processors > usualThreads;
}

/**
 * How many threads compute a network: what MAINSTEM_THREADS says, otherwise one for each processor that this process may use, up to
 * eight. The results are the same for any number.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE if MAINSTEM_THREADS is not a number from 1 to 64
 * @example countThreads({ MAINSTEM_THREADS: '1' }) // 1
 */
export function countThreads({ MAINSTEM_THREADS: asked }: NodeJS.ProcessEnv): number {
  if (!asked) return Math.min(availableParallelism(), usualThreads);
  const threads = /^\d+$/.test(asked) ? Number(asked) : 0;
  if (threads >= 1 && threads <= mostThreads) return threads;
  const reason = `MAINSTEM_THREADS is "${asked}", not a number from 1 to ${mostThreads}`;
  throw startFailure('wasm', reason);
}
