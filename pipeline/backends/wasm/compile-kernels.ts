import { setFlagsFromString } from 'node:v8';

/** Versions of the engine for which the tests have shown that joined vectors give the bits of single ones. */
const tried = ['13.6.'];

/**
 * Whether the engine is asked to join vectors of 128 bits in registers of 256. A processor that lacks these computes as before.
 * The additions and multiplications of each value, and so the bits, are the same; how a kernel cuts its work depends on it.
 */
export const joinsVectors =
  process.arch === 'x64' && tried.some((version) => process.versions.v8.startsWith(version));

/** What is off in the engine by itself, and that it optimises at once instead of when a kernel has been called often. */
const flags = [
  { on: '--experimental-wasm-revectorize', off: '--no-experimental-wasm-revectorize' },
  { on: '--no-liftoff', off: '--liftoff' },
  { on: '--no-wasm-lazy-compilation', off: '--wasm-lazy-compilation' },
];

/**
 * Compiles the kernels, as fast ones as the engine has. Nothing else is compiled so: the flags are back before it returns.
 *
 * @param joined false to have every vector by itself
 */
export function compileKernels(bytes: BufferSource, joined = joinsVectors): WebAssembly.Module {
  if (!joined) return new WebAssembly.Module(bytes);
  for (const { on } of flags) setFlagsFromString(on);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    for (const { off } of flags) setFlagsFromString(off);
  }
}
