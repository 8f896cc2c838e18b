import util from 'node:util';
import { isMainstemError } from '../../platform/lib/errors.ts';
import type { BackendDriver } from './driver.ts';
import { isInstalled } from './is-installed.ts';
import { loadNative } from './native/load.ts';
import { findDamage, type NativeName, nativePlace, readManifest } from './native/place.ts';
import { gpuModels, whyNoGpu } from './native/why-no-gpu.ts';
import { startFailure } from './start-failure.ts';

/**
 * The driver of the TensorFlow C library, on CPU or CUDA: the native part that `backend install` made, or the optional
 * package of TensorFlow.js with its own one.
 */
export function nativeDriver(name: NativeName, packageName: string): BackendDriver {
  return {
    name,
    packages: [packageName],
    lacks: () => lackOf(name, packageName),
    deterministic: false,
    tolerance: { gradients: 1e-5, losses: 2e-3 },
    class: async () => classOf(name),
    start: () => start(name, packageName),
    describe,
  };
}

/** Null for one that can be tried. */
function lackOf(name: NativeName, packageName: string): string | null {
  const command = `npx mainstem backend install ${name}`;
  try {
    const manifest = readManifest(name);
    if (manifest === null)
      return isInstalled(packageName) ? null : `its native part is not installed (${command})`;
    const damaged = findDamage(name, manifest);
    return damaged && `its native part lacks the file ${damaged} (${command})`;
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return `its native part is damaged: ${error.message} (${command})`;
  }
}

function classOf(name: NativeName): string {
  const manifest = readManifest(name);
  return manifest ? `${name}-${manifest.tensorflow}` : name;
}

async function start(name: NativeName, packageName: string): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core');
  if (tf.getBackend() === 'tensorflow') return;
  restoreRemovedNodeFunctions();
  // The library logs every start; what goes wrong is still shown.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  // GPUs since Ampere otherwise round factors to ten bits, and no ONNX file agrees with its network then.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  const folder = readManifest(name) ? nativePlace(name) : null;
  try {
    if (folder === null) await import(packageName);
    else loadNative(tf, folder, packageName);
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw startFailure(name, reason, cause);
  }
  if (!(await tf.setBackend('tensorflow'))) throw startFailure(name, 'it did not initialise');
  if (name === 'tensorflow-gpu' && !usesGpu(tf.backend()))
    throw startFailure(name, whyNoGpu(folder));
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
  // Also where one is still there: it warns that it will be removed.
  for (const [key, value] of Object.entries(removed)) Object.defineProperty(util, key, { value });
}

/** The library runs on the CPU without a word if it does not find CUDA (tfjs#8269). */
function usesGpu(backend: object): boolean {
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}

/** What runs, for example `TensorFlow 2.21.0 on the CPU`. */
async function describe(): Promise<string> {
  const tf = await import('@tensorflow/tfjs-core');
  const backend = tf.backend();
  const device = usesGpu(backend) ? gpuModels().join(', ') || 'a GPU' : 'the CPU';
  return `TensorFlow ${versionOf(backend)} on ${device}`;
}

function versionOf(backend: object): string {
  const binding = 'binding' in backend ? backend.binding : null;
  if (typeof binding !== 'object' || binding === null || !('TF_Version' in binding)) return '';
  return String(binding.TF_Version);
}
