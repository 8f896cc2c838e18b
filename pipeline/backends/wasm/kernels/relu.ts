import { engine, type ReluInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceGradient, replaceKernel } from '../replace-kernel.ts';
import { costs, unitValues } from './units.ts';

interface ReluGradInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
}

/** Relu, and its gradient in one pass; the library composes that from three operations. */
export function registerRelu(heap: Heap): void {
  replaceKernel<ReluInputs, object>('Relu', (published) => (call) => {
    const x: TensorInfo = call.inputs.x;
    if (x.dtype !== 'float32') return published(call);
    const y = heap.allocate(x.shape);
    const count = util.sizeFromShape(x.shape);
    const values = [heap.address(x), heap.address(y), count];
    heap.spread('relu', Math.ceil(count / unitValues), costs.pass * count, values);
    return y;
  });
  replaceKernel<ReluGradInputs, object>('ReluGrad', () => ({ inputs: { dy, x } }) => {
    const dx = heap.allocate(x.shape);
    const count = heap.view(x).length;
    const addresses = [dy, x, dx].map((tensor) => heap.address(tensor));
    const units = Math.ceil(count / unitValues);
    heap.spread('reluGradient', units, costs.pass * count, [...addresses, count]);
    return dx;
  });
  replaceGradient('Relu', (dy, [x]) => {
    if (!x || Array.isArray(dy)) throw new Error('Relu has one input and one output');
    return { x: () => engine().runKernel('ReluGrad', { dy, x }) };
  });
}
