import { readFileSync } from 'node:fs';

/** What computes on pictures, on a memory of its own: see assembly/. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly resampleAcross: Kernel;
  readonly resampleDown: Kernel;
  readonly measure: Kernel;
  readonly scale: Kernel;
  readonly widen: Kernel;
}

type Kernel = (...values: readonly number[]) => void;

const pageBytes = 65_536;
const mostBytes = 64 * 1024 * 1024;

let ready: Kernels | null = null;
let compiled: WebAssembly.Module | null = null;

/** The kernels of this thread. Memory never shrinks: after a very large picture it is given back as a whole. */
export function openKernels(): Kernels {
  if (ready && ready.memory.buffer.byteLength <= mostBytes) return ready;
  ready = buildKernels();
  return ready;
}

function buildKernels(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernel = (name: string): Kernel => {
    const found = exports[name];
    if (typeof found !== 'function') throw new Error(`kernels.wasm has no ${name}`);
    return (...values) => void found(...values);
  };
  return {
    memory,
    resampleAcross: kernel('resampleAcross'),
    resampleDown: kernel('resampleDown'),
    measure: kernel('measure'),
    scale: kernel('scale'),
    widen: kernel('widen'),
  };
}

/** Where each part begins, and where the last one ends; all at multiples of 16. */
export function placesOf(lengths: readonly number[]): number[] {
  const places = [0];
  for (const length of lengths) places.push((places.at(-1) ?? 0) + Math.ceil(length / 16) * 16);
  return places;
}

/** The memory, once it is as large as it must be. */
export function heapOf({ memory }: Kernels, bytes: number): Uint8Array {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  return new Uint8Array(memory.buffer);
}

/** The bytes of numbers, where they are. */
export function bytesOf(values: Int32Array | Int16Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
