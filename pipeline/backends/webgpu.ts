import type { BackendDriver } from './driver.ts';
import { startFailure } from './start-failure.ts';

/** Dawn's bindings for Node, and the tfjs backend on top. Both are optional. */
const bindings = 'webgpu';
const backendPackage = '@tensorflow/tfjs-backend-webgpu';

/** The driver of WebGPU through Dawn. A software adapter counts as absent: wasm is faster than that. */
export const driver: BackendDriver = {
  name: 'webgpu',
  packages: [bindings, backendPackage],
  deterministic: false,
  class: async () => 'webgpu',
  start: async () => {
    const tf = await import('@tensorflow/tfjs-core');
    if (tf.getBackend() === 'webgpu') return;
    try {
      await provideNavigator();
      await import(backendPackage);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw startFailure('webgpu', reason, cause);
    }
    if (!(await tf.setBackend('webgpu'))) throw startFailure('webgpu', 'it did not initialise');
  },
};

/** What we use of the `webgpu` package. */
interface DawnBindings {
  readonly create: (flags: string[]) => GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Puts Dawn where the tfjs backend looks for a browser's WebGPU. */
async function provideNavigator(): Promise<void> {
  const dawn: DawnBindings = await import(bindings);
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('no graphics adapter was found');
  if (adapter.info.isFallbackAdapter) throw new Error('only a software adapter was found');
}
