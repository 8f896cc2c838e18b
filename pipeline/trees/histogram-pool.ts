import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Split, SplitRules } from './find-split.ts';
import {
  type BinnedTable,
  createHistogramShare,
  type GrowingRows,
  type HistogramShare,
  type TaskSplits,
} from './histogram-share.ts';
import {
  foundLength,
  noTask,
  readSplit,
  type ShareStart,
  signalCount,
  signalPlaces,
  taskLength,
  writeTask,
} from './share-messages.ts';
import { sharedFloats, sharedInts } from './shared-arrays.ts';

/** Finds splits with several threads, each with its share of the columns. */
export interface HistogramPool extends HistogramShare, AsyncDisposable {}

/** What a pool works on. */
export interface PoolRequest {
  readonly table: BinnedTable;
  readonly growing: GrowingRows;
  readonly rules: SplitRules;
  /** How many threads work at most, this one among them. */
  readonly threads: number;
}

/**
 * Creates a pool. The number of threads changes how long it takes and nothing else: each column belongs to one of them,
 * and of equal splits the one of the first column wins.
 */
export async function createHistogramPool(request: PoolRequest): Promise<HistogramPool> {
  const { table, growing, rules } = request;
  const count = Math.max(1, Math.min(request.threads, table.bins.length));
  const [first = [], ...others] = dealColumns(table, count);
  const own = createHistogramShare({ table, growing, rules, share: first });
  const signals = sharedInts(signalCount);
  const task = sharedFloats(taskLength);
  const allowed = new Uint8Array(new SharedArrayBuffer(table.bins.length));
  const starts = others.map(
    (share): ShareStart => ({
      ...{ table, growing, rules, share, signals, task, allowed },
      found: sharedFloats(foundLength),
    }),
  );
  const workers = await Promise.all(starts.map(startThread));
  const give = () => {
    Atomics.store(signals, signalPlaces.finished, 0);
    Atomics.add(signals, signalPlaces.given, 1);
    Atomics.notify(signals, signalPlaces.given);
  };
  return {
    run(next, columns) {
      if (starts.length === 0) return own.run(next, columns);
      allowed.set(columns);
      writeTask(task, next);
      give();
      const mine = own.run(next, columns);
      waitForAll(signals, starts.length);
      return bestOf(mine, starts);
    },
    async [Symbol.asyncDispose]() {
      task[0] = noTask;
      give();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function dealColumns({ bins }: BinnedTable, threads: number): number[][] {
  const columns = [...bins.keys()];
  return Array.from({ length: threads }, (_, thread) =>
    columns.filter((column) => column % threads === thread),
  );
}

async function startThread(start: ShareStart): Promise<Worker> {
  const worker = new Worker(new URL('./share-thread.ts', import.meta.url), { workerData: start });
  await once(worker, 'message');
  worker.unref();
  return worker;
}

function waitForAll(signals: Int32Array, threads: number): void {
  for (;;) {
    const finished = Atomics.load(signals, signalPlaces.finished);
    if (finished === threads) return;
    Atomics.wait(signals, signalPlaces.finished, finished);
  }
}

function bestOf(mine: TaskSplits, others: readonly ShareStart[]): TaskSplits {
  const all = [
    mine,
    ...others.map(({ found }) => ({ own: readSplit(found, 0), sibling: readSplit(found, 1) })),
  ];
  return {
    own: largest(all.map(({ own }) => own)),
    sibling: largest(all.map(({ sibling }) => sibling)),
  };
}

function largest(splits: readonly (Split | null)[]): Split | null {
  return splits.reduce((best, split) => {
    if (!split || !best) return split ?? best;
    const better =
      split.gain > best.gain || (split.gain === best.gain && split.column < best.column);
    return better ? split : best;
  }, null);
}
