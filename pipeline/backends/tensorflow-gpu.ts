import type { BackendDriver } from './driver.ts';
import { nativeDriver } from './native.ts';

/** The TensorFlow C library on CUDA; refuses to start without a device. */
export const driver: BackendDriver = nativeDriver('tensorflow-gpu', '@tensorflow/tfjs-node-gpu');
