import type { CastAttrs, CastInputs, IdentityInputs, TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';

/**
 * Identity, and a cast to the type that it is, without a copy: tensors never change, so two can share their values. The
 * published kernels copy.
 */
export function registerIdentity(heap: Heap): void {
  replaceKernel<IdentityInputs, object>('Identity', (published) => (call) => {
    const x: TensorInfo = call.inputs.x;
    return x.dtype === 'string' ? published(call) : heap.share(x, x.shape);
  });
  replaceKernel<CastInputs, CastAttrs>('Cast', (published) => (call) => {
    const x: TensorInfo = call.inputs.x;
    const same = x.dtype === call.attrs.dtype && x.dtype !== 'string';
    return same ? heap.share(x, x.shape) : published(call);
  });
}
