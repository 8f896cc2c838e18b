import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A JPEG, or why there is none, as the end of a sentence. */
export type Converted = { readonly jpeg: Uint8Array } | { readonly fault: string };

/** Converts HEIC photos in threads, which are started when they are first needed. */
export interface HeicConverter {
  readonly convert: (heic: Uint8Array) => Promise<Converted>;
  /** Ends the threads. */
  readonly close: () => Promise<void>;
}

/** Creates a converter; as many photos as are given to it at one time are converted side by side. */
export function createHeicConverter(): HeicConverter {
  const idle: Worker[] = [];
  const all: Worker[] = [];
  const start = () => {
    // What libheif prints is of no use to anybody.
    const options = { stdout: true, stderr: true };
    const worker = new Worker(new URL('./convert-worker.ts', import.meta.url), options);
    all.push(worker);
    return worker;
  };
  const convert = async (heic: Uint8Array): Promise<Converted> => {
    const worker = idle.pop() ?? start();
    try {
      worker.postMessage(heic);
      const [answer]: Converted[] = await once(worker, 'message');
      idle.push(worker);
      return answer ?? { fault: 'it cannot be decoded' };
    } catch (error) {
      // Out of memory, for example: the thread has ended.
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  };
  const close = async () => {
    await Promise.all(all.map((worker) => worker.terminate()));
  };
  return { convert, close };
}
