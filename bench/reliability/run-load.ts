import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadJob, LoadResult } from './load.ts';
import { pinTo } from './pin.ts';

/**
 * Sends a load from a process of its own.
 *
 * @param processor the only one that it may use; undefined: all.
 * @throws Error if that ends without a result
 */
export async function runLoad(job: LoadJob, processor?: number): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load.ts'), {
    serialization: 'advanced',
    ...pinTo(processor),
  });
  const limit = setTimeout(() => child.kill(), job.seconds * 1000 + 2 * job.patienceMs + 5000);
  try {
    child.send(job);
    const ended = once(child, 'exit').then(() => {
      throw new Error('the load generator ended without a result');
    });
    const [result]: LoadResult[] = await Promise.race([once(child, 'message'), ended]);
    if (!result) throw new Error('the load generator sent nothing');
    return result;
  } finally {
    clearTimeout(limit);
    child.kill();
  }
}
