import type { BackendDriver } from './driver.ts';
import { nativeDriver } from './native.ts';

/** The TensorFlow C library on the CPU, all cores. */
export const driver: BackendDriver = nativeDriver('tensorflow', '@tensorflow/tfjs-node');
