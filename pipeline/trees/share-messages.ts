import { memberWords, type Split, type Sums } from './find-split.ts';
import type { HistogramTask, ShareRequest } from './histogram-share.ts';

/** What a thread is started with. All arrays lie in memory that threads share. */
export interface ShareStart extends ShareRequest {
  /** {@link signalCount} numbers by which the threads wait for one another. */
  readonly signals: Int32Array;
  /** The task in work. */
  readonly task: Float64Array;
  readonly allowed: Uint8Array;
  /** Where this thread writes what it finds. */
  readonly found: Float64Array;
}

/** Places in the signals: how many tasks were given; how many threads have finished the last one. */
export const signalPlaces = { given: 0, finished: 1 } as const;
export const signalCount = 2;

/** Numbers of a task, and of the two splits that a thread finds. */
export const taskLength = 10;
const splitLength = 8 + memberWords;
export const foundLength = 2 * splitLength;

/** In place of a task: there is none any more. */
export const noTask = -1;

/** Writes a task where all threads read it. */
export function writeTask(into: Float64Array, task: HistogramTask): void {
  const { begin, end, slot, siblingSlot, sums, siblingSums } = task;
  into.set([begin, end, slot, siblingSlot]);
  into.set([sums.gradient, sums.hessian, sums.rows], 4);
  into.set([siblingSums.gradient, siblingSums.hessian, siblingSums.rows], 7);
}

/** Reads what {@link writeTask} wrote. */
export function readTask(from: Float64Array): HistogramTask {
  const [begin = 0, end = 0, slot = 0, siblingSlot = 0] = from;
  return { begin, end, slot, siblingSlot, sums: readSums(from, 4), siblingSums: readSums(from, 7) };
}

/** Writes a split, or that there is none. @param place 0 for a task's own node, 1 for the sibling */
export function writeSplit(into: Float64Array, place: number, split: Split | null): void {
  const target = into.subarray(place * splitLength, (place + 1) * splitLength);
  target.fill(0);
  if (!split) return;
  const { gain, column, bin, members, missingLeft, left } = split;
  target.set([gain, column, bin, missingLeft ? 1 : 0, members ? 1 : 0]);
  target.set([left.gradient, left.hessian, left.rows], 5);
  if (members) target.set(members, 8);
}

/** Reads what {@link writeSplit} wrote. */
export function readSplit(from: Float64Array, place: number): Split | null {
  const source = from.subarray(place * splitLength, (place + 1) * splitLength);
  const [gain = 0, column = 0, bin = 0, missingLeft = 0, category = 0] = source;
  if (gain === 0) return null;
  const members = category === 1 ? Uint32Array.from(source.subarray(8)) : null;
  return { gain, column, bin, members, missingLeft: missingLeft === 1, left: readSums(source, 5) };
}

function readSums(from: Float64Array, at: number): Sums {
  return { gradient: from[at] ?? 0, hessian: from[at + 1] ?? 0, rows: from[at + 2] ?? 0 };
}
