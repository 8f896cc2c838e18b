import type {
  AvgPoolGradAttrs,
  AvgPoolGradInputs,
  backend_util,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { poolInfo } from './windows.ts';

/**
 * The gradient of average pooling. At the edge of a padded image the layer divides by the number of values in the window;
 * the published kernel's gradient divides by the whole window.
 */
export function registerAveragePool(heap: Heap): void {
  replaceKernel<AvgPoolGradInputs, AvgPoolGradAttrs>('AvgPoolGrad', (published) => (call) => {
    const { dy, input } = call.inputs;
    const info = poolInfo(input, call.attrs);
    const { top, left, bottom, right } = info.padInfo;
    if (top + left + bottom + right === 0) return published(call);
    const scaled = scaleEdges(heap, dy, info);
    const dx = published({ ...call, inputs: { dy: scaled, input } });
    heap.release(scaled);
    return dx;
  });
}

/** Each value times the size of its window over how much of that lies inside the image. */
function scaleEdges(heap: Heap, dy: TensorInfo, info: backend_util.Conv2DInfo): TensorInfo {
  const scaled = heap.allocate(dy.shape);
  const [source, target] = [heap.view(dy), heap.view(scaled)];
  const { batchSize, outHeight, outWidth, outChannels, filterHeight, filterWidth, padInfo } = info;
  const rows = coverage(outHeight, info.strideHeight, filterHeight, padInfo.top, info.inHeight);
  const columns = coverage(outWidth, info.strideWidth, filterWidth, padInfo.left, info.inWidth);
  for (let image = 0, at = 0; image < batchSize; image++) {
    for (const row of rows) {
      for (const column of columns) {
        const scale = (filterHeight * filterWidth) / (row * column);
        for (const end = at + outChannels; at < end; at++) target[at] = scale * (source[at] ?? 0);
      }
    }
  }
  return scaled;
}

/** How many values of each window lie inside the image, along one side. */
function coverage(
  windows: number,
  stride: number,
  width: number,
  padding: number,
  size: number,
): number[] {
  return Array.from({ length: windows }, (_, window) => {
    const first = window * stride - padding;
    return Math.min(size, first + width) - Math.max(0, first);
  });
}
