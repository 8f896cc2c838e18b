import {
  type backend_util,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs } from './units.ts';
import { poolInfo } from './windows.ts';

/**
 * The gradient of max pooling. The published kernel starts its search for the maximum at the smallest positive
 * number, so it loses the gradient of every window whose maximum is not positive.
 */
export function registerMaxPool(heap: Heap): void {
  replaceKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
    'MaxPoolGrad',
    () =>
      ({ inputs: { dy, input }, attrs }) =>
        poolGradient(heap, input, dy, poolInfo(input, attrs)),
  );
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
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const sizes = [inHeight, inWidth, inChannels, outHeight, outWidth];
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const window = [filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left];
  const cost = costs.pool * util.sizeFromShape(x.shape);
  const images = [...addresses, ...sizes];
  if (halving) heap.spread('maxPoolHalvingGradient', batchSize, cost, images);
  else heap.spread('maxPoolGradient', batchSize, cost, [...images, ...window]);
  return dx;
}

/** 2 × 2 windows side by side, all inside the image. */
function isHalving(info: backend_util.Conv2DInfo): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const twos = [filterHeight, filterWidth, strideHeight, strideWidth].every((size) => size === 2);
  const inside = 2 * info.outHeight <= info.inHeight && 2 * info.outWidth <= info.inWidth;
  return twos && inside && padInfo.top === 0 && padInfo.left === 0;
}
