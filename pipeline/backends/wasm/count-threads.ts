import { availableParallelism } from 'node:os';

/** Environment variable that sets the number of threads. */
export const threadsVariable = 'MAINSTEM_THREADS';

const mostThreads = 64;
/** More do not help networks of the size that a processor trains. */
const usualThreads = 8;

/**
 * How many threads compute a network: what MAINSTEM_THREADS says, otherwise one for each processor that this process may use, up to
 * eight. The results are the same for any number.
 *
 * @example countThreads({ MAINSTEM_THREADS: '1' }) // 1
 */
export function countThreads(environment: NodeJS.ProcessEnv): number {
  const asked = Number(environment[threadsVariable] || Number.NaN);
  if (Number.isInteger(asked) && asked >= 1) return Math.min(asked, mostThreads);
  return Math.min(availableParallelism(), usualThreads);
}
