// A thread that reads and hashes small files for read-ahead.ts: paths in, one batch of their bytes out.
import { hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { readSmall } from './read-small.ts';

/** The files read from a list of paths, up to the first that could not be read. */
export interface ReadBatch {
  /** The bytes of all small files, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each file that was read; -1 for a large one. */
  readonly lengths: Int32Array<ArrayBuffer>;
  /** 64 hex digits of SHA-256 for each small file, one after another: one string crosses threads fast. */
  readonly hex: string;
  readonly failure?: { readonly path: string; readonly reason: string | undefined };
}

/** Grows to the largest batch so far. */
let gathered = Buffer.allocUnsafeSlow(64 * 1024);

parentPort?.on('message', (paths: string) => {
  const batch = readBatch(paths.split('\0'));
  parentPort?.postMessage(batch, [batch.bytes.buffer, batch.lengths.buffer]);
});

function readBatch(paths: readonly string[]): ReadBatch {
  const lengths = new Int32Array(paths.length);
  let [read, filled, hex] = [0, 0, ''];
  let failure: ReadBatch['failure'];
  for (const path of paths) {
    try {
      const bytes = readSmall(path);
      if (bytes) {
        filled = gather(bytes, filled);
        hex += hash('sha256', bytes, 'hex');
      }
      lengths[read++] = bytes ? bytes.length : -1;
    } catch (error) {
      failure = { path, reason: (error as NodeJS.ErrnoException).code };
      break;
    }
  }
  const bytes = new Uint8Array(gathered.subarray(0, filled));
  return { bytes, lengths: lengths.slice(0, read), hex, ...(failure && { failure }) };
}

function gather(bytes: Buffer, filled: number): number {
  const end = filled + bytes.length;
  if (end > gathered.length) {
    const larger = Buffer.allocUnsafeSlow(end * 2);
    larger.set(gathered.subarray(0, filled));
    gathered = larger;
  }
  gathered.set(bytes, filled);
  return end;
}
