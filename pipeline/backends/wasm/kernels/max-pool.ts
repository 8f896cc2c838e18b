import {
  type backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs } from './units.ts';
import { poolInfo } from './windows.ts';

/**
 * Max pooling and its gradient. The published gradient starts its search for the maximum at the smallest positive
 * number, so it loses the gradient of every window whose maximum is not positive.
 */
export function registerMaxPool(heap: Heap): void {
  replaceKernel<MaxPoolInputs, MaxPoolAttrs>('MaxPool', (published) => (call) => {
    const { x } = call.inputs;
    return x.dtype === 'float32' ? pool(heap, x, poolInfo(x, call.attrs)) : published(call);
  });
  replaceKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
    'MaxPoolGrad',
    () =>
      ({ inputs: { dy, input }, attrs }) =>
        poolGradient(heap, input, dy, poolInfo(input, attrs)),
  );
}

function pool(heap: Heap, x: TensorInfo, info: backend_util.Conv2DInfo): TensorInfo {
  const y = heap.allocate(info.outShape);
  const cost = costs.pass * util.sizeFromShape(x.shape);
  const values = [heap.address(x), heap.address(y), ...sizesOf(info), ...windowOf(info)];
  heap.spread('maxPool', info.batchSize, cost, values);
  return y;
}

function poolGradient(
  heap: Heap,
  x: TensorInfo,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const halving = isHalving(info);
  const dx = halving ? heap.allocate(x.shape) : heap.allocateZeros(x.shape);
  const addresses = [x, dy, dx].map((tensor) => heap.address(tensor));
  const cost = costs.pool * util.sizeFromShape(x.shape);
  const images = [...addresses, ...sizesOf(info)];
  if (halving) heap.spread('maxPoolHalvingGradient', info.batchSize, cost, images);
  else heap.spread('maxPoolGradient', info.batchSize, cost, [...images, ...windowOf(info)]);
  return dx;
}

/** Sizes and windows in the order of the compiled kernels. */
function sizesOf(info: backend_util.Conv2DInfo): number[] {
  return [info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth];
}

function windowOf(info: backend_util.Conv2DInfo): number[] {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  return [filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left];
}

/** 2 × 2 windows side by side, all inside the image. */
function isHalving(info: backend_util.Conv2DInfo): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const twos = [filterHeight, filterWidth, strideHeight, strideWidth].every((size) => size === 2);
  const inside = 2 * info.outHeight <= info.inHeight && 2 * info.outWidth <= info.inWidth;
  return twos && inside && padInfo.top === 0 && padInfo.left === 0;
}
