import { type AvgPoolGradAttrs, backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { costs } from './units.ts';

/**
 * Images [N, H, W, C] padded with the zeros that the windows reach; shared if there are none. The caller releases it.
 */
export function padImages(heap: Heap, x: TensorInfo, info: backend_util.Conv2DInfo): TensorInfo {
  const { top, bottom, left, right } = info.padInfo;
  if (top + bottom + left + right === 0) return heap.share(x, x.shape);
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const padded = heap.allocate([batch, top + height + bottom, left + width + right, channels]);
  const addresses = [heap.address(x), heap.address(padded)];
  const cost = costs.pass * util.sizeFromShape(padded.shape);
  const sizes = [height, width, channels, top, bottom, left, right];
  heap.spread('padZeros', batch, cost, [...addresses, ...sizes]);
  return padded;
}

/**
 * The padding of the convolution that computes an input gradient: as far as filter windows reach beyond dy's
 * border. Null if the forward padding is wider than the filter, so that it would be negative.
 */
export function transposedPadding(
  info: backend_util.Conv2DInfo,
): backend_util.ExplicitPadding | null {
  const top = info.filterHeight - 1 - info.padInfo.top;
  const left = info.filterWidth - 1 - info.padInfo.left;
  const height = (info.outHeight - 1) * info.strideHeight + 1;
  const width = (info.outWidth - 1) * info.strideWidth + 1;
  const bottom = info.inHeight - height + info.padInfo.top;
  const right = info.inWidth - width + info.padInfo.left;
  if (Math.min(top, left, bottom, right) < 0) return null;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** dy [N, OH, OW, C] with stride − 1 zeros between its cells; shared for stride 1. The caller releases it. */
export function dilateGradient(
  heap: Heap,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { strideHeight, strideWidth } = info;
  if (strideHeight === 1 && strideWidth === 1) return heap.share(dy, dy.shape);
  const [batch = 0, rows = 0, columns = 0, channels = 0] = dy.shape;
  const height = (rows - 1) * strideHeight + 1;
  const width = (columns - 1) * strideWidth + 1;
  const spread = heap.allocateZeros([batch, height, width, channels]);
  const source = heap.view(dy);
  const target = heap.view(spread);
  let from = 0;
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < rows; row++) {
      let to = (n * height + row * strideHeight) * width * channels;
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < channels; c++) target[to + c] = source[from++] ?? 0;
        to += strideWidth * channels;
      }
    }
  }
  return spread;
}

/** How a pooling window moves over an input. */
export function poolInfo(
  { shape }: TensorInfo,
  attrs: AvgPoolGradAttrs & { readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' },
): backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  return backend_util.computePool2DInfo([n, h, w, c], filterSize, strides, 1, pad, dimRoundingMode);
}
