import { type CompiledKernels, type RangeKernel, rangeKernels } from './compiled.ts';

/*
 * Where the main thread puts up work on a kernel for all threads to see. There is one job at a time, cut into parts. Whoever
 * lowers `open` has a part, and reads what it is about afterwards: until that part is done, the job stays up.
 */

/** Places in the board's integers. */
const open = 0;
const done = 1;
const posted = 2;
const failed = 3;
const kernelAt = 4;
const partsAt = 5;
const unitsAt = 6;
const countAt = 7;
const integers = 8;
const mostValues = 32;
/** Looks for work before a thread sleeps: about 20 microseconds, for the pauses between kernels. */
const looks = 2_000;

/** The same memory, seen by each thread with its own views. */
export interface JobBoard {
  readonly memory: SharedArrayBuffer;
  readonly integers: Int32Array<SharedArrayBuffer>;
  readonly values: Float64Array<SharedArrayBuffer>;
}

/** @param memory of a board of another thread; without it a new one */
export function openBoard(memory = new SharedArrayBuffer(4 * integers + 8 * mostValues)): JobBoard {
  return {
    memory,
    integers: new Int32Array(memory, 0, integers),
    values: new Float64Array(memory, 4 * integers, mostValues),
  };
}

/** Units [0, units) of a kernel's work, and its arguments after the range. */
export interface Job {
  readonly kernel: RangeKernel;
  readonly units: number;
  readonly values: readonly number[];
}

/**
 * Puts up a job, works on it like the other threads, and returns when all of it is done.
 *
 * @throws Error if a kernel failed in some thread
 */
export function doTogether(
  board: JobBoard,
  kernels: CompiledKernels,
  job: Job,
  parts: number,
): void {
  const { integers, values } = board;
  values.set(job.values);
  integers[kernelAt] = rangeKernels.indexOf(job.kernel);
  integers[partsAt] = parts;
  integers[unitsAt] = job.units;
  integers[countAt] = job.values.length;
  Atomics.store(integers, done, 0);
  Atomics.store(integers, open, parts);
  Atomics.add(integers, posted, 1);
  Atomics.notify(integers, posted);
  while (doPart(board, kernels));
  awaitAll(integers, parts);
  if (Atomics.exchange(integers, failed, 0) !== 0) throw new Error(`kernel ${job.kernel} failed`);
}

/** Does parts of whatever is put up, forever: for a thread of its own. */
export function doParts(board: JobBoard, kernels: CompiledKernels): never {
  const { integers } = board;
  for (;;) {
    const seen = Atomics.load(integers, posted);
    let left = looks;
    while (doPart(board, kernels)) left = looks;
    while (left > 0 && Atomics.load(integers, open) === 0) left -= 1;
    if (left === 0) Atomics.wait(integers, posted, seen);
  }
}

/** Does one part. @returns whether there was one */
function doPart({ integers, values }: JobBoard, kernels: CompiledKernels): boolean {
  const part = takePart(integers);
  if (part === null) return false;
  const parts = integers[partsAt] ?? 1;
  const units = integers[unitsAt] ?? 0;
  const kernel = rangeKernels[integers[kernelAt] ?? 0];
  const from = Math.floor((units * part) / parts);
  const to = Math.floor((units * (part + 1)) / parts);
  try {
    if (kernel) kernels[kernel](from, to, ...values.subarray(0, integers[countAt]));
  } catch {
    Atomics.store(integers, failed, 1);
  }
  if (Atomics.add(integers, done, 1) + 1 === parts) Atomics.notify(integers, done);
  return true;
}

/** The number of a part that is now this thread's; null if none is left. */
function takePart(integers: Int32Array): number | null {
  for (;;) {
    const left = Atomics.load(integers, open);
    if (left === 0) return null;
    if (Atomics.compareExchange(integers, open, left, left - 1) === left) return left - 1;
  }
}

function awaitAll(integers: Int32Array<SharedArrayBuffer>, parts: number): void {
  for (let left = looks; ; left--) {
    const now = Atomics.load(integers, done);
    if (now === parts) return;
    if (left <= 0) Atomics.wait(integers, done, now);
  }
}
