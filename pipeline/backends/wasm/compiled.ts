import { readFile } from 'node:fs/promises';
import { type Digest, digestBytes, hexOf } from '../../../platform/lib/hash.ts';

/**
 * The compiled kernels; assembly/ is their source and build.ts rebuilds them.
 *
 * @param fused those that round a product and a sum once, for processors that do so
 */
export function kernelsFile(fused = false): URL {
  return new URL(fused ? './fused-kernels.wasm' : './kernels.wasm', import.meta.url);
}

/** Pages of 64 KiB that the published backend's memory has at most. Only what has a maximum can be shared. */
export const maximumPages = 65_536;

/** Exports of assembly/index.ts that do units [from, to) of their work: both numbers come before the others. */
export const rangeKernels = [
  'adamStep',
  'addRow',
  'addValues',
  'blockMaxima',
  'blockMaximaGradient',
  'blockSums',
  'centredDots',
  'convFilterGradient',
  'convolve',
  'depthwiseConvolve',
  'depthwiseFilterGradient',
  'maxPool',
  'maxPoolGradient',
  'maxPoolHalvingGradient',
  'multiply',
  'multiplyRow',
  'multiplyTransposed',
  'multiplyValues',
  'padZeros',
  'relu',
  'reluGradient',
  'scaleShift',
  'spreadRows',
  'squareGradient',
  'subtractRow',
] as const;

export type RangeKernel = (typeof rangeKernels)[number];

/** Addresses, sizes and numbers in, no results. */
type Kernel = (...values: number[]) => void;

/** What assembly/index.ts exports. */
export type CompiledKernels = Readonly<Record<RangeKernel | 'packFilter', Kernel>>;

/** Instantiates the compiled kernels on a heap. @throws Error if the module lacks one */
export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<CompiledKernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = new Map(
    [...rangeKernels, 'packFilter'].map((name) => [name, kernel(exports, name)]),
  );
  return Object.fromEntries(kernels) as CompiledKernels;
}

/** A digest of the compiled kernels: 64 hex digits. */
export async function kernelsDigest(fused = false): Promise<string> {
  const digest: Digest = digestBytes(await readFile(kernelsFile(fused)));
  return hexOf(digest);
}

function kernel(exports: WebAssembly.Exports, name: string): Kernel {
  const found = exports[name];
  if (typeof found !== 'function') throw new Error(`kernels.wasm has no ${name}: run build.ts`);
  return (...values) => void found(...values);
}
