import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs, unitValues } from './units.ts';

const parts = ['value', 'gradient', 'first', 'second'];

/** The kernel's name; on backends without it, the optimiser composes the step from library operations. */
export const adamKernel = 'AdamStep';

/** The inputs of one variable: value, gradient, first and second moment, each with the variable's number behind. */
export type AdamInputs = Readonly<Record<string, TensorInfo>>;

export interface AdamAttributes {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1. */
  readonly step: number;
}

/**
 * One step of Adam for all variables, in one pass for each. Returns the new value, first and second moment of the first, then of
 * the next.
 */
export function registerAdam(heap: Heap): void {
  replaceKernel<AdamInputs, AdamAttributes>(adamKernel, () => ({ inputs, attrs }) => {
    const { learningRate, beta1, beta2, epsilon, step } = attrs;
    const corrections = [1 - beta1 ** step, 1 - beta2 ** step];
    const rates = [learningRate, beta1, beta2, ...corrections, epsilon];
    const made: TensorInfo[] = [];
    for (let number = 0; ; number++) {
      const tensors = parts.flatMap((part) => inputs[`${part}${number}`] ?? []);
      const [value] = tensors;
      if (!value) return made;
      made.push(...stepOf(heap, value, tensors, rates));
    }
  });
}

function stepOf(heap: Heap, { shape }: TensorInfo, tensors: TensorInfo[], rates: number[]) {
  const made = [heap.allocate(shape), heap.allocate(shape), heap.allocate(shape)];
  const addresses = [...tensors, ...made].map((tensor) => heap.address(tensor));
  const count = util.sizeFromShape(shape);
  const units = Math.ceil(count / unitValues);
  heap.spread('adamStep', units, costs.adam * count, [...addresses, count, ...rates]);
  return made;
}
