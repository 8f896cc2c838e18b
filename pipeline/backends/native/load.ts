import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as core from '@tensorflow/tfjs-core';

/** What of tfjs-node's binding is used. */
interface Binding {
  readonly TF_Version: string;
}

/** The parts of tfjs-node that are used: its backend and its kernels, without what it brings for files and logging. */
interface BackendModule {
  readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => core.KernelBackend;
}

/** Where things are in the folder of a native part. */
export const nativeFiles = {
  binding: 'binding/tfjs_binding.node',
  package: 'tfjs-node',
  protobuf: 'google-protobuf/google-protobuf.js',
} as const;

/**
 * Loads the C library with its binding out of a folder, and registers the backend `tensorflow` with its kernels in the
 * tensor library that is already loaded.
 *
 * @param packageName whose binding this is: the one for GPUs behaves differently
 */
export function loadNative(tf: typeof core, folder: string, packageName: string): void {
  const require = createRequire(join(folder, 'native.js'));
  const redirects = redirectImports(folder);
  try {
    const binding: Binding = require(join(folder, nativeFiles.binding));
    const dist = join(folder, nativeFiles.package, 'dist');
    const { NodeJSKernelBackend }: BackendModule = require(join(dist, 'nodejs_kernel_backend.js'));
    require(join(dist, 'register_all_kernels.js'));
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, packageName));
  } finally {
    redirects.deregister();
  }
}

/**
 * The kernels ask for the package that bundles all of TensorFlow.js, and use only its core: they get the one that is
 * loaded, so that there are not two of everything, wherever the folder is.
 */
function redirectImports(folder: string) {
  const core = import.meta.resolve('@tensorflow/tfjs-core');
  const targets: Readonly<Record<string, string>> = {
    '@tensorflow/tfjs': core,
    '@tensorflow/tfjs-core': core,
    'google-protobuf': pathToFileURL(join(folder, nativeFiles.protobuf)).href,
  };
  return registerHooks({
    resolve(specifier, context, next) {
      const url = targets[specifier];
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}
