import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { startReadAhead } from './read-ahead.ts';
import { readSmall } from './read-small.ts';
import type { ReadBatch } from './read-worker.ts';

/** How to read many files. */
export interface VisitOptions {
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What to do with each file: a small one is read once and handed over, a large one is only named. */
export interface FileVisitor<T> {
  /** Called with a small file. The bytes are only valid until it returns, or until its first `await`. */
  small(bytes: Uint8Array, digest: Digest): T | Promise<T>;
  large(path: string): Promise<T>;
}

const batchFiles = 64;
/** With fewer files than this a second thread starts too late to help. */
const filesForTwo = 4096;

/**
 * Visits files. Results are in the order of the paths, and so are the visits of small files. Those are read
 * synchronously one after another (a promise costs more than the read), and if there are many, every second batch in
 * another thread. Large files follow, several at a time off the main thread.
 *
 * @throws MainstemError FILE_UNREADABLE; the signal's reason
 */
export async function visitFiles<T>(
  paths: readonly string[],
  visitor: FileVisitor<T>,
  { onProgress, signal }: VisitOptions = {},
): Promise<T[]> {
  const results: T[] = [];
  const large: number[] = [];
  let position = 0;
  for await (const batch of readBatches(paths)) {
    for (const file of batch) {
      const result = file && visitor.small(file.bytes, file.digest);
      if (result === undefined) large.push(position);
      else results[position] = result instanceof Promise ? await result : result;
      position++;
    }
    signal?.throwIfAborted();
    onProgress?.(position - large.length);
  }
  let done = paths.length - large.length;
  await forEachParallel(large, async (at) => {
    signal?.throwIfAborted();
    results[at] = await visitor.large(paths[at] ?? '');
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

/** A small file, or undefined for a large one. */
type SmallFile = { readonly bytes: Uint8Array; readonly digest: Digest } | undefined;

async function* readBatches(paths: readonly string[]): AsyncGenerator<Iterable<SmallFile>> {
  const two = paths.length >= filesForTwo && availableParallelism() > 1;
  const ahead = two ? startReadAhead(everySecondBatch(paths)) : undefined;
  try {
    for (let start = 0, turn = 0; start < paths.length; start += batchFiles, turn++) {
      if (ahead && turn % 2 === 1) {
        yield unpack(await ahead.next());
        continue;
      }
      if (turn % 4 === 2) await new Promise(setImmediate);
      yield readHere(paths.slice(start, start + batchFiles));
    }
  } finally {
    await ahead?.close();
  }
}

function* everySecondBatch(paths: readonly string[]): Generator<readonly string[]> {
  for (let start = batchFiles; start < paths.length; start += 2 * batchFiles) {
    yield paths.slice(start, start + batchFiles);
  }
}

function* readHere(paths: readonly string[]): Generator<SmallFile> {
  for (const path of paths) {
    const bytes = readOne(path);
    yield bytes && { bytes, digest: `sha256:${hash('sha256', bytes, 'hex')}` };
  }
}

function readOne(path: string): Buffer | undefined {
  try {
    return readSmall(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new MainstemError('FILE_UNREADABLE', { path, reason }, { cause });
  }
}

function* unpack({ bytes, lengths, hex, failure }: ReadBatch): Generator<SmallFile> {
  let [at, digits] = [0, 0];
  for (const length of lengths) {
    if (length < 0) {
      yield undefined;
      continue;
    }
    const digest: Digest = `sha256:${hex.slice(digits, digits + 64)}`;
    yield { bytes: bytes.subarray(at, at + length), digest };
    at += length;
    digits += 64;
  }
  if (failure) throw new MainstemError('FILE_UNREADABLE', failure);
}
