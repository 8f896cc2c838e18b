import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { startFailure } from '../start-failure.ts';
import { compileKernels } from './compile-kernels.ts';
import { instantiateKernels, kernelsFile } from './compiled.ts';
import { asWasm, Heap, memoryOf } from './heap.ts';
import { shareMemory } from './share-memory.ts';
import { openTeam, type Team, workAlone } from './team.ts';

const require = createRequire(import.meta.url);
/** The published module, for which every version of Node that runs this has the instructions. */
const published = require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
/** Loads it; the package's own start takes no module but its file. */
const loader = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';

type Module = ConstructorParameters<typeof BackendWasm>[0];

/** The loaded module before it has what a BackendWasm calls. */
interface Loaded extends Omit<Module, 'tfjs'> {
  tfjs?: Module['tfjs'];
  readonly cwrap: (name: string, returns: 'number' | null, takes: 'number'[]) => never;
}

/**
 * Makes the WASM backend the current one and returns its heap, on which threads compute together.
 *
 * @param threads how many, with the calling one. Where memory cannot be shared it is one, and a warning says so.
 * @param fused whether products and sums are rounded once
 * @throws MainstemError BACKEND_UNAVAILABLE
 */
export async function startHeap(threads: number, fused = false): Promise<Heap> {
  const shared = threads > 1 && (await startShared());
  if (!shared && !(await tf.setBackend('wasm')))
    throw startFailure('wasm', 'it did not initialise');
  await tf.ready();
  const backend = asWasm(tf.backend());
  const memory = memoryOf(backend);
  const bytes = await readFile(kernelsFile(fused));
  const module = compileKernels(shared ? shareMemory(bytes) : bytes);
  const kernels = await instantiateKernels(module, memory);
  const team: Team = shared
    ? openTeam(threads, kernels, { module, memory }, (reason) => warn(reason))
    : workAlone(kernels);
  return new Heap(backend, memory, kernels, team);
}

/** Starts the published backend on memory that threads share. @returns whether that works here */
async function startShared(): Promise<boolean> {
  try {
    const module = await loadModule(shareMemory(await readFile(published)));
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => new BackendWasm(module));
    return await tf.setBackend('wasm');
  } catch (error) {
    warn(String(error));
    return false;
  }
}

async function loadModule(wasmBinary: Uint8Array): Promise<Module> {
  const load: (settings: { wasmBinary: Uint8Array }) => Promise<Loaded> = require(loader);
  const module = await load({ wasmBinary });
  const tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  return Object.assign(module, { tfjs });
}

function warn(reason: string): void {
  process.emitWarning(`wasm computes on fewer threads than it could: ${reason}`, 'MainstemWarning');
}
