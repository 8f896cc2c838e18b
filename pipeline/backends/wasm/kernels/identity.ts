import type { IdentityInputs, TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';

/** Identity without a copy: tensors never change, so two can share their values. The published kernel copies. */
export function registerIdentity(heap: Heap): void {
  replaceKernel<IdentityInputs, object>('Identity', (published) => (call) => {
    const x: TensorInfo = call.inputs.x;
    return x.dtype === 'string' ? published(call) : heap.share(x, x.shape);
  });
}
