import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { startFailure } from '../start-failure.ts';
import { registerKernels } from './register-kernels.ts';

/** Makes the WASM backend with our kernels the current one. @throws MainstemError BACKEND_UNAVAILABLE */
export async function startWasm(): Promise<void> {
  if (!(await tf.setBackend('wasm'))) throw startFailure('wasm', 'it did not initialise');
  await tf.ready();
  await registerKernels();
}
