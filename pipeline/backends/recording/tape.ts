import type * as tf from '@tensorflow/tfjs-core';

export type Kernel = tf.KernelConfig['kernelFunc'];
export type KernelCall = Parameters<Kernel>[0];
export type DataId = tf.TensorInfo['dataId'];

/** The number of a place for the values of a tensor. */
export type Slot = number;

/** One input of a call: what the kernel sees of it, and the slot that its values are in. */
export interface Input {
  readonly info: tf.TensorInfo;
  readonly slot: Slot;
}

/** A kernel call; its outputs fill slots. */
export interface RecordedCall {
  readonly kernel: Kernel;
  readonly call: KernelCall;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Slot[];
}

/** A tensor that a step makes of nothing. */
export interface Leaf {
  readonly slot: Slot;
  readonly shape: number[];
  readonly dtype: tf.DataType;
  /** The same in each step; null for numbers from 0 to 1 that each step draws. */
  readonly values: tf.BackendValues | null;
}

/** What a step leaves behind. */
export interface Outcome {
  readonly slot: Slot;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

export interface Weight {
  readonly variable: tf.Variable;
  readonly slot: Slot;
}

/** What a step did. */
export interface Tape {
  readonly inputs: readonly Slot[];
  readonly weights: readonly Weight[];
  /** In the order in which they were made, and so drawn. */
  readonly leaves: readonly Leaf[];
  readonly calls: readonly RecordedCall[];
  readonly results: readonly Outcome[];
  /** Weights that the step itself changes, as the moving averages of a batch normalisation. */
  readonly updates: readonly { readonly variable: tf.Variable; readonly outcome: Outcome }[];
}

/** What a tensor was made of. */
export interface Written {
  readonly values: tf.BackendValues | null;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}
