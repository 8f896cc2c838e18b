import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { inLanes } from '../../lib/in-lanes.ts';
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

/** A message between threads costs as much as reading a few files, so batches of small files grow long. */
const [firstFiles, mostFiles] = [64, 512];
/** About how many bytes a batch may keep in memory. */
const batchBytes = 16 * 1024 * 1024;
/** With fewer files than this a second thread starts too late to help. */
const filesForTwo = 4096;

/**
 * Visits files. Results are in the order of the paths, and so are the visits of small files. Those are read
 * synchronously one after another (a promise costs more than the read). If there are many, another thread reads two
 * batches of three, because this one also keeps what was read. Large files follow, several at a time off the main thread.
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
  await inLanes(large, availableParallelism(), async (at) => {
    signal?.throwIfAborted();
    results[at] = await visitor.large(paths[at] ?? '');
    onProgress?.(++done);
  });
  return results;
}

/** A small file, or undefined for a large one. */
type SmallFile = { readonly bytes: Uint8Array; readonly digest: Digest } | undefined;

async function* readBatches(paths: readonly string[]): AsyncGenerator<Iterable<SmallFile>> {
  const two = paths.length >= filesForTwo && availableParallelism() > 1;
  const plan = createPlan(paths);
  const ahead = two ? startReadAhead(plan.othersLists()) : undefined;
  try {
    for (let turn = 0; ; turn++) {
      const list = plan.list(turn);
      if (list.length === 0) return;
      if (ahead && !isOurs(turn)) {
        const batch = await ahead.next();
        plan.adapt(batch);
        yield unpack(batch);
        continue;
      }
      if (turn % 3 === 0) await new Promise(setImmediate);
      yield readHere(list);
    }
  } finally {
    await ahead?.close();
  }
}

/** Of three batches one is read by this thread. */
function isOurs(turn: number): boolean {
  return turn % 3 === 0;
}

/** Cuts paths into batches, one after another as they are asked for. */
function createPlan(paths: readonly string[]) {
  const ends: number[] = [];
  let size = firstFiles;
  const list = (turn: number) => {
    while (ends.length <= turn) ends.push((ends.at(-1) ?? 0) + size);
    return paths.slice(ends[turn - 1] ?? 0, ends[turn]);
  };
  return {
    list,
    /** Batches from now on are as long as is good for files like these. */
    adapt({ bytes, lengths }: ReadBatch) {
      const fitting = Math.floor((batchBytes * lengths.length) / Math.max(bytes.length, 1));
      size = Math.min(Math.max(fitting, 1), mostFiles);
    },
    *othersLists() {
      for (let turn = 0; ; turn++) {
        const next = list(turn);
        if (next.length === 0) return;
        if (!isOurs(turn)) yield next;
      }
    },
  };
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
