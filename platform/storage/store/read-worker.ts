// A thread that reads and hashes small files for read-ahead.ts: paths in, one batch of their bytes out.
import { hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { readSmall } from './read-small.ts';

/** The files read from a list of paths, up to the first that could not be read. */
export interface ReadBatch {
  /** The bytes of all small files, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of each file; -1 for a large one. */
  readonly lengths: readonly number[];
  /** Hex digits of each file's SHA-256; '' for a large one. */
  readonly hex: readonly string[];
  readonly failure?: { readonly path: string; readonly reason: string | undefined };
}

parentPort?.on('message', (paths: readonly string[]) => {
  const batch = readBatch(paths);
  parentPort?.postMessage(batch, [batch.bytes.buffer]);
});

function readBatch(paths: readonly string[]): ReadBatch {
  const parts: Buffer[] = [];
  const lengths: number[] = [];
  const hex: string[] = [];
  let failure: ReadBatch['failure'];
  for (const path of paths) {
    try {
      const bytes = readSmall(path);
      if (bytes) parts.push(Buffer.from(bytes));
      lengths.push(bytes ? bytes.length : -1);
      hex.push(bytes ? hash('sha256', bytes, 'hex') : '');
    } catch (error) {
      failure = { path, reason: (error as NodeJS.ErrnoException).code };
      break;
    }
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths, hex, ...(failure && { failure }) };
}
