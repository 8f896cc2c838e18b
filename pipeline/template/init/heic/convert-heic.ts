import { openThreads } from '../../../../platform/lib/threads.ts';

/** A JPEG, or why there is none, as the end of a sentence. */
export type Converted = { readonly jpeg: Uint8Array } | { readonly fault: string };

/** Converts HEIC photos in threads. */
export interface HeicConverter extends AsyncDisposable {
  readonly convert: (heic: Uint8Array) => Promise<Converted>;
}

/** Creates a converter; as many photos as are given to it at one time are converted side by side. */
export function createHeicConverter(): HeicConverter {
  // What libheif prints is of no use to anybody.
  const quiet = { stdout: true, stderr: true };
  const entry = new URL('./convert-worker.ts', import.meta.url);
  const threads = openThreads<Uint8Array, Converted>(entry, quiet);
  return {
    // Out of memory, for example: the thread has ended.
    convert: (heic) => threads.run(heic).catch((error: Error) => ({ fault: error.message })),
    [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose](),
  };
}
