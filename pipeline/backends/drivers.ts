import type { BackendName } from '../../platform/schemas/index.ts';
import type { BackendDriver } from './driver.ts';
import { nativeDriver } from './native.ts';
import { wasmDriver } from './wasm/driver.ts';
import { webgpuDriver } from './webgpu.ts';

/** Every backend, the fastest first: the order in which `auto` asks. */
export const drivers: Readonly<Record<BackendName, BackendDriver>> = {
  'tensorflow-gpu': nativeDriver('tensorflow-gpu', '@tensorflow/tfjs-node-gpu'),
  tensorflow: nativeDriver('tensorflow', '@tensorflow/tfjs-node'),
  webgpu: webgpuDriver,
  wasm: wasmDriver,
};
