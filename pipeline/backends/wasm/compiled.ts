import { readFile } from 'node:fs/promises';
import { type Digest, digestBytes, hexOf } from '../../../platform/lib/hash.ts';

/** The compiled kernels; assembly/ is their source and build.ts rebuilds them. */
export const kernelsFile = new URL('./kernels.wasm', import.meta.url);

type Kernel = (...values: number[]) => void;

/** What assembly/index.ts exports: addresses, sizes and numbers in, no results. */
type KernelName =
  | 'adamStep'
  | 'addRow'
  | 'blockMaxima'
  | 'blockMaximaGradient'
  | 'blockSums'
  | 'centredDots'
  | 'columnSums'
  | 'convFilterGradient'
  | 'convolve'
  | 'depthwiseFilterGradient'
  | 'maxPoolGradient'
  | 'maxPoolHalvingGradient'
  | 'multiply'
  | 'multiplyTransposed'
  | 'padZeros'
  | 'reluGradient'
  | 'scaleShift';

export type CompiledKernels = Readonly<Record<KernelName, Kernel>>;

/** Instantiates the compiled kernels on a heap. @throws Error if kernels.wasm lacks one */
export async function loadCompiled(memory: WebAssembly.Memory): Promise<CompiledKernels> {
  const module = await WebAssembly.compile(await readFile(kernelsFile));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return {
    adamStep: kernel(exports, 'adamStep'),
    addRow: kernel(exports, 'addRow'),
    blockMaxima: kernel(exports, 'blockMaxima'),
    blockMaximaGradient: kernel(exports, 'blockMaximaGradient'),
    blockSums: kernel(exports, 'blockSums'),
    centredDots: kernel(exports, 'centredDots'),
    columnSums: kernel(exports, 'columnSums'),
    convFilterGradient: kernel(exports, 'convFilterGradient'),
    convolve: kernel(exports, 'convolve'),
    depthwiseFilterGradient: kernel(exports, 'depthwiseFilterGradient'),
    maxPoolGradient: kernel(exports, 'maxPoolGradient'),
    maxPoolHalvingGradient: kernel(exports, 'maxPoolHalvingGradient'),
    multiply: kernel(exports, 'multiply'),
    multiplyTransposed: kernel(exports, 'multiplyTransposed'),
    padZeros: kernel(exports, 'padZeros'),
    reluGradient: kernel(exports, 'reluGradient'),
    scaleShift: kernel(exports, 'scaleShift'),
  };
}

/** A digest of the compiled kernels: 64 hex digits. */
export async function kernelsDigest(): Promise<string> {
  const digest: Digest = digestBytes(await readFile(kernelsFile));
  return hexOf(digest);
}

function kernel(exports: WebAssembly.Exports, name: KernelName): Kernel {
  const found = exports[name];
  if (typeof found !== 'function') throw new Error(`kernels.wasm has no ${name}: run build.ts`);
  return (...values) => void found(...values);
}
