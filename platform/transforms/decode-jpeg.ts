import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Size } from './resample.ts';

const require = createRequire(import.meta.url);

/**
 * Decodes a JPEG at full size, or at a half, a quarter or an eighth of it, with libjpeg-turbo compiled to WebAssembly: the
 * same pixels on every machine, ten times as fast as through libvips for a small photo, and whatever a hostile file does to
 * the decoder stays within its own memory. It blocks the calling thread: about 3 ms per million pixels of the file.
 *
 * @param bytes as {@link parsePlainJpeg} accepts them. @param size of the result.
 * @returns rows from the top, four bytes a pixel: red, green, blue and one that means nothing; null for a file that is damaged in any way
 */
export function decodeJpeg(bytes: Uint8Array, { width, height }: Size): Uint8Array | null {
  ready ??= openDecoder();
  try {
    return decode(ready, bytes, { width, height });
  } catch {
    // What it had allocated is lost, and its state unknown.
    ready = null;
    return null;
  }
}

function decode(decoder: Decoder, bytes: Uint8Array, { width, height }: Size): Uint8Array | null {
  const length = width * height * channels;
  const input = decoder.malloc(bytes.length);
  const output = decoder.malloc(length);
  if (input === 0 || output === 0) throw new RangeError('the decoder is out of memory');
  new Uint8Array(decoder.memory.buffer).set(bytes, input);
  const { handle } = decoder;
  const fault = decoder.tjDecompress2(
    handle,
    input,
    bytes.length,
    output,
    width,
    0,
    height,
    pixelFormat,
    0,
  );
  const pixels = new Uint8Array(decoder.memory.buffer).slice(output, output + length);
  decoder.free(input);
  decoder.free(output);
  // Memory never shrinks: after a very large file it is given back as a whole.
  if (decoder.memory.buffer.byteLength > mostBytes) ready = null;
  return fault === 0 ? pixels : null;
}

const channels = 4;
/** TurboJPEG's TJPF_RGBX. */
const pixelFormat = 2;
const mostBytes = 64 * 1024 * 1024;

interface Decoder {
  readonly memory: WebAssembly.Memory;
  readonly handle: number;
  malloc(bytes: number): number;
  free(address: number): void;
  /** TurboJPEG's own; flags 0 are the exact transform and smooth chroma. */
  tjDecompress2(...values: readonly number[]): number;
}

let ready: Decoder | null = null;
let compiled: WebAssembly.Module | null = null;

function openDecoder(): Decoder {
  compiled ??= new WebAssembly.Module(
    readFileSync(require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm')),
  );
  const { exports } = new WebAssembly.Instance(compiled, {
    env: {
      setjmp: () => 0,
      longjmp: () => {
        throw new Error('the file is damaged');
      },
    },
    wasi_snapshot_preview1: Object.fromEntries(systemCalls.map((name) => [name, refuse])),
  });
  const call = (name: string) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new Error(`the JPEG decoder has no ${name}`);
    return (...values: readonly number[]): number => found(...values);
  };
  const { memory } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the JPEG decoder has no memory');
  return {
    memory,
    handle: call('tjInitDecompress')(),
    malloc: call('malloc'),
    free: call('free'),
    tjDecompress2: call('tjDecompress2'),
  };
}

/** What the decoder asks of a system; it gets nothing: no environment, no files, no output. */
const systemCalls = [
  ...['environ_sizes_get', 'environ_get', 'proc_exit', 'fd_close', 'fd_seek', 'fd_write'],
] as const;

const refuse = () => 0;
