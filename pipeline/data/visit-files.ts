import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MainstemError } from '../lib/errors.ts';

/** Files of at least so many bytes are kept whole; smaller ones go into packs. */
export const largeBytes = 1024 * 1024;

/** What reading many files may be told. */
export interface VisitOptions {
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What is done with each file: a small one is read once and handed over, a large one is named. */
export interface FileVisitor<T> {
  /** The bytes are only valid until it returns (or, as a promise, until its first wait). */
  small(bytes: Buffer): T | Promise<T>;
  large(path: string): Promise<T>;
}

/**
 * Visits files; results are in the order of paths. Small files are read synchronously one after another (a
 * promise costs more than the read), large ones several at a time off the main thread.
 *
 * @throws MainstemError FILE_UNREADABLE; what the signal was aborted with
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

/** Reading one byte more than a small file may have saves asking for its size. */
const scratch = Buffer.allocUnsafeSlow(largeBytes);

function readSmall(path: string): Buffer | undefined {
  const file = openForReading(path);
  try {
    const count = readSync(file, scratch, 0, largeBytes, 0);
    return count < largeBytes ? scratch.subarray(0, count) : undefined;
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
