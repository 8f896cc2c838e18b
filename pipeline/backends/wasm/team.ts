import { Worker } from 'node:worker_threads';
import type { CompiledKernels } from './compiled.ts';
import { doTogether, type Job, type JobBoard, openBoard } from './job-board.ts';

/** What a thread of a team is given. */
export interface TeamMember {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly board: SharedArrayBuffer;
}

/** Threads that do work on kernels together. */
export interface Team {
  /** How many, with the one that calls. */
  readonly threads: number;
  /** @param cost of all of it in multiply-adds, or what takes as long */
  readonly run: (job: Job, cost: number) => void;
}

/** A team of the calling thread alone. */
export function workAlone(kernels: CompiledKernels): Team {
  return { threads: 1, run: (job) => doAlone(kernels, job) };
}

/** Parts for each thread: of one that is held up, the others do what it has not begun. */
const partsPerThread = 4;

/** What costs less is done before another thread has begun: about 30 microseconds. */
const worthThreads = 600_000;

/**
 * A team that starts its other threads when there is first something to share. They end with the process and do not keep it
 * alive. Until they have started, some hundredths of a second, and if they cannot, the calling thread does the work alone.
 *
 * @param threads how many, with the calling one
 * @param onFailure called if one cannot start, with the reason
 */
export function openTeam(
  threads: number,
  kernels: CompiledKernels,
  heap: Pick<TeamMember, 'module' | 'memory'>,
  onFailure: (reason: string) => void,
): Team {
  let board: JobBoard | undefined;
  const start = () => {
    const opened = openBoard();
    const member: TeamMember = { ...heap, board: opened.memory };
    for (let others = 1; others < threads; others++) startMember(member, onFailure);
    return opened;
  };
  return {
    threads,
    run(job, cost) {
      const parts = Math.min(job.units, threads * partsPerThread);
      if (parts < 2 || cost < worthThreads) return doAlone(kernels, job);
      board ??= start();
      doTogether(board, kernels, job, parts);
    },
  };
}

function startMember(workerData: TeamMember, onFailure: (reason: string) => void): void {
  try {
    const worker = new Worker(new URL('./team-worker.ts', import.meta.url), { workerData });
    worker.once('error', (error) => onFailure(String(error)));
    worker.unref();
  } catch (error) {
    onFailure(String(error));
  }
}

function doAlone(kernels: CompiledKernels, { kernel, units, values }: Job): void {
  if (units > 0) kernels[kernel](0, units, ...values);
}
