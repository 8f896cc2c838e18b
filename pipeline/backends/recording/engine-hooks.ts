import * as tf from '@tensorflow/tfjs-core';
import type { DataId, Kernel, KernelCall, Written } from './tape.ts';

/** Hears of everything that the library does on the current backend. */
export interface Observer {
  call(kernel: Kernel, call: KernelCall): ReturnType<Kernel>;
  wrote(dataId: DataId, written: Written): void;
  read(): void;
  drew(value: number): void;
}

/** Tells an observer of kernel calls, tensors made of values, values read and numbers drawn. @returns what ends that */
export function watchEngine(observer: Observer): () => void {
  const ends = [watchKernels, watchMemory, watchRandom].map((watch) => watch(observer));
  return () => {
    for (const end of ends) end();
  };
}

function watchKernels(observer: Observer): () => void {
  const kernels = tf.getKernelsForBackend(tf.getBackend());
  for (const each of kernels) {
    replaceKernel({ ...each, kernelFunc: (call) => observer.call(each.kernelFunc, call) });
  }
  return () => kernels.forEach(replaceKernel);
}

function replaceKernel(config: tf.KernelConfig): void {
  tf.unregisterKernel(config.kernelName, config.backendName);
  tf.registerKernel(config);
}

/** The methods are assigned back, not deleted: an object with deleted properties is slow. */
function watchMemory(observer: Observer): () => void {
  const backend: Pick<tf.KernelBackend, 'write' | 'read' | 'readSync'> = tf.backend();
  const { write, read, readSync } = backend;
  backend.write = (values, shape, dtype) => {
    const dataId = write.call(backend, values, shape, dtype);
    observer.wrote(dataId, { values, shape, dtype });
    return dataId;
  };
  backend.read = (dataId) => {
    observer.read();
    return read.call(backend, dataId);
  };
  backend.readSync = (dataId) => {
    observer.read();
    return readSync.call(backend, dataId);
  };
  return () => void Object.assign(backend, { write, read, readSync });
}

function watchRandom(observer: Observer): () => void {
  const { random } = Math;
  Math.random = () => {
    const value = random();
    observer.drew(value);
    return value;
  };
  return () => {
    Math.random = random;
  };
}
