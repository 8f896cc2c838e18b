import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs, unitValues } from './units.ts';

/** The kernel's name; on backends without it, the optimiser composes the step from library operations. */
export const adamKernel = 'AdamStep';

export interface AdamInputs {
  readonly value: TensorInfo;
  readonly gradient: TensorInfo;
  readonly first: TensorInfo;
  readonly second: TensorInfo;
}

export interface AdamAttributes {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1. */
  readonly step: number;
}

/** One step of Adam for one variable in one pass. Returns the new value, first and second moment. */
export function registerAdam(heap: Heap): void {
  replaceKernel<AdamInputs, AdamAttributes>(adamKernel, () => ({ inputs, attrs }) => {
    const { value, gradient, first, second } = inputs;
    const { learningRate, beta1, beta2, epsilon, step } = attrs;
    const made = [value, value, value].map(({ shape }) => heap.allocate(shape));
    const all = [value, gradient, first, second, ...made].map((tensor) => heap.address(tensor));
    const count = heap.view(value).length;
    const corrections = [1 - beta1 ** step, 1 - beta2 ** step];
    const rates = [learningRate, beta1, beta2, ...corrections, epsilon];
    const units = Math.ceil(count / unitValues);
    heap.spread('adamStep', units, costs.adam * count, [...all, count, ...rates]);
    return made;
  });
}
