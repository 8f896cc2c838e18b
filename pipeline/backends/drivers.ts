import type { BackendName } from '../../platform/schemas/index.ts';
import type { BackendDriver } from './driver.ts';
import { driver as tensorflow } from './tensorflow.ts';
import { driver as tensorflowGpu } from './tensorflow-gpu.ts';
import { driver as wasm } from './wasm.ts';
import { driver as webgpu } from './webgpu.ts';

/** The driver of every backend. No stage imports this list: a new backend changes no key. */
export const drivers: Readonly<Record<BackendName, BackendDriver>> = {
  'tensorflow-gpu': tensorflowGpu,
  tensorflow,
  webgpu,
  wasm,
};
