import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { BackendDriver } from '../driver.ts';
import { startFailure } from '../optional.ts';
import { kernelsDigest } from './compiled.ts';
import { registerKernels } from './register-kernels.ts';

/** Built in, works everywhere: WebAssembly on one thread with SIMD, the published backend plus our kernels. */
export const wasmDriver: BackendDriver = {
  name: 'wasm',
  deterministic: true,
  class: async () => `wasm-${(await kernelsDigest()).slice(0, 12)}`,
  find: async () => ({ usable: true, why: 'wasm is built in' }),
  start: async () => {
    if (!(await tf.setBackend('wasm'))) throw startFailure('wasm', 'it did not initialise');
    await tf.ready();
    await registerKernels();
  },
};
