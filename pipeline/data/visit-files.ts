import { closeSync, fstatSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MainstemError } from '../lib/errors.ts';
import { readAt } from './pack.ts';

/** Files of at least so many bytes are kept whole; smaller ones go into packs. */
export const largeBytes = 1024 * 1024;

/** What reading many files may be told. */
export interface VisitOptions {
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What is done with each file: a small one is read once and handed over, a large one is named. */
export interface FileVisitor<T> {
  small(bytes: Buffer<ArrayBuffer>): T | Promise<T>;
  large(path: string): Promise<T>;
}

/**
 * Visits files; results are in the order of paths. Small files are read synchronously one after another (a
 * promise costs more than the read), large ones several at a time off the main thread.
 *
 * @throws MainstemError FILE_UNREADABLE, DATA_CHANGING; what the signal was aborted with
 */
export async function visitFiles<T>(
  paths: readonly string[],
  visitor: FileVisitor<T>,
  { onProgress, signal }: VisitOptions = {},
): Promise<T[]> {
  const results: T[] = [];
  const large: number[] = [];
  for (const [position, path] of paths.entries()) {
    if (position % 256 === 255) {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      onProgress?.(position - large.length);
    }
    const bytes = readSmall(path);
    if (!bytes) {
      large.push(position);
      continue;
    }
    const result = visitor.small(bytes);
    results[position] = result instanceof Promise ? await result : result;
  }
  let done = paths.length - large.length;
  await forEachParallel(large, async (position) => {
    signal?.throwIfAborted();
    results[position] = await visitor.large(paths[position] ?? '');
    onProgress?.(++done);
  });
  return results;
}

/** Runs `work` for each value, as many at a time as there are cores; stops at the first error. */
export async function forEachParallel<T>(
  values: readonly T[],
  work: (value: T) => Promise<void>,
): Promise<void> {
  const waiting = values.values();
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (const value of waiting) await work(value);
  });
  await Promise.all(workers);
}

function readSmall(path: string): Buffer<ArrayBuffer> | undefined {
  const file = openForReading(path);
  try {
    const { size } = fstatSync(file);
    if (size >= largeBytes) return undefined;
    // One byte more than expected, so that a file that grows is noticed.
    const data = readAt(file, 0, size + 1);
    if (data.length !== size) throw new MainstemError('DATA_CHANGING', { path });
    return data;
  } finally {
    closeSync(file);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new MainstemError('FILE_UNREADABLE', { path, reason }, { cause });
  }
}
