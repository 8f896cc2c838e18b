import util from 'node:util';
import type { BackendDriver } from './driver.ts';
import { startFailure } from './start-failure.ts';

/** The driver of the TensorFlow C library: an optional package, on CPU or CUDA. */
export function nativeDriver(
  name: 'tensorflow' | 'tensorflow-gpu',
  packageName: string,
): BackendDriver {
  return {
    name,
    packages: [packageName],
    deterministic: false,
    class: async () => name,
    start: async () => {
      const tf = await import('@tensorflow/tfjs-core');
      if (tf.getBackend() === 'tensorflow') return;
      restoreRemovedNodeFunctions();
      await import(packageName).catch((cause: Error) => {
        throw startFailure(name, cause.message, cause);
      });
      if (!(await tf.setBackend('tensorflow'))) throw startFailure(name, 'it did not initialise');
      if (name === 'tensorflow-gpu' && !usesGpu(tf.backend())) {
        throw startFailure(name, 'the library found no CUDA device, or not its CUDA libraries');
      }
    },
  };
}

/**
 * tfjs-node 4.22 calls two functions that Node 23 removed (fixed upstream but unreleased:
 * https://github.com/tensorflow/tfjs/pull/8425). Must run before the package is loaded.
 */
function restoreRemovedNodeFunctions(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [key, value] of Object.entries(removed)) {
    if (!(key in util)) Object.defineProperty(util, key, { value });
  }
}

/** The library runs on the CPU without a word if it does not find CUDA (tfjs#8269). */
function usesGpu(backend: object): boolean {
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}
