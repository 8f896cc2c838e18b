import {
  backend_util,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterInputs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropInputInputs,
  type DepthwiseConv2dNativeInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { channelUnits } from './units.ts';
import { dilateGradient, padImages, transposedPadding } from './windows.ts';

/**
 * DepthwiseConv2dNative on all threads, and both its gradients, of which the published backend has none, for any stride and channel
 * multiplier. Several filters for a channel, and dilated ones, are left to the published kernel.
 */
export function registerDepthwise(heap: Heap): void {
  replaceKernel<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>(
    'DepthwiseConv2dNative',
    (published) => (call) => {
      const { x, filter } = call.inputs;
      const { dilations } = call.attrs;
      // The layers library says null for a depthwise convolution that is not dilated.
      const dilated = [dilations ?? 1].flat().some((each) => each > 1);
      if (dilated || filter.shape[3] !== 1) return published(call);
      return convolve(heap, x, filter, depthwiseInfo(x.shape, filter.shape, call.attrs));
    },
  );
  replaceKernel<
    DepthwiseConv2dNativeBackpropFilterInputs,
    DepthwiseConv2dNativeBackpropFilterAttrs
  >('DepthwiseConv2dNativeBackpropFilter', () => ({ inputs: { x, dy }, attrs }) => {
    return filterGradient(heap, x, dy, depthwiseInfo(x.shape, attrs.filterShape, attrs));
  });
  replaceKernel<DepthwiseConv2dNativeBackpropInputInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    'DepthwiseConv2dNativeBackpropInput',
    () =>
      ({ inputs: { dy, filter }, attrs }) =>
        inputGradient(heap, dy, filter, depthwiseInfo(attrs.inputShape, filter.shape, attrs)),
  );
}

type Attributes = Pick<
  DepthwiseConv2dNativeBackpropFilterAttrs,
  'strides' | 'pad' | 'dimRoundingMode'
>;

function depthwiseInfo(x: number[], filter: number[], attrs: Attributes): backend_util.Conv2DInfo {
  const { strides, pad, dimRoundingMode } = attrs;
  const [n = 0, h = 0, w = 0, c = 0] = x;
  const [kh = 0, kw = 0, from = 0, multiplier = 0] = filter;
  const images: [number, number, number, number] = [n, h, w, c];
  const taps: [number, number, number, number] = [kh, kw, from, multiplier];
  return backend_util.computeConv2DInfo(images, taps, strides, 1, pad, dimRoundingMode, true);
}

function convolve(
  heap: Heap,
  x: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const padded = padImages(heap, x, info);
  const y = heap.allocate(info.outShape);
  const addresses = [padded, filter, y].map((tensor) => heap.address(tensor));
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const images = [...padded.shape.slice(1), info.outHeight, info.outWidth];
  const window = [filterHeight, filterWidth, strideHeight, strideWidth];
  const cost = util.sizeFromShape(info.outShape) * filterHeight * filterWidth;
  const values = [...addresses, ...images, ...window];
  heap.spread('depthwiseConvolve', info.batchSize * info.outHeight, cost, values);
  heap.release(padded);
  return y;
}

function filterGradient(
  heap: Heap,
  x: TensorInfo,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const padded = padImages(heap, x, info);
  const repeated = repeatChannels(heap, padded, info.outChannels / info.inChannels);
  const dw = heap.allocateZeros(info.filterShape);
  const addresses = [repeated, dy, dw].map((tensor) => heap.address(tensor));
  const { outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const windows = [outHeight, outWidth, filterWidth, strideHeight, strideWidth];
  const units = filterHeight * filterWidth * channelUnits(info.outChannels);
  const cost = util.sizeFromShape(info.outShape) * filterHeight * filterWidth;
  const values = [...addresses, ...repeated.shape, ...windows];
  heap.spread('depthwiseFilterGradient', units, cost, values);
  heap.release(padded, repeated);
  return dw;
}

/** A depthwise convolution of the (dilated) dy with the rotated filter, summed over the channel multiplier. */
function inputGradient(
  heap: Heap,
  dy: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const pad = transposedPadding(info);
  if (!pad) throw new Error('a depthwise convolution is padded by more than its filter');
  const spread = dilateGradient(heap, dy, info);
  const turned = turnFilter(heap, filter);
  const inputs = { x: spread, filter: turned };
  const attrs = { strides: 1, dilations: 1, pad, dataFormat: 'NHWC' };
  const each = heap.run('DepthwiseConv2dNative', inputs, attrs);
  heap.release(spread, turned);
  if (info.outChannels === info.inChannels) return each;
  const dx = sumChannels(heap, each, info.inShape);
  heap.release(each);
  return dx;
}

/** [KH, KW, C, q] → [KH, KW, C × q, 1] with the taps in reverse order. */
function turnFilter(heap: Heap, filter: TensorInfo): TensorInfo {
  const [kh = 0, kw = 0, channels = 0, multiplier = 0] = filter.shape;
  const cell = channels * multiplier;
  const turned = heap.allocate([kh, kw, cell, 1]);
  const source = heap.view(filter);
  const target = heap.view(turned);
  for (let tap = 0; tap < kh * kw; tap++) {
    target.set(source.subarray(tap * cell, (tap + 1) * cell), (kh * kw - 1 - tap) * cell);
  }
  return turned;
}

/** Each channel repeated `times` times; shared if `times` is 1. The caller releases it. */
function repeatChannels(heap: Heap, x: TensorInfo, times: number): TensorInfo {
  if (times === 1) return heap.share(x, x.shape);
  const [n = 0, h = 0, w = 0, channels = 0] = x.shape;
  const repeated = heap.allocate([n, h, w, channels * times]);
  const target = heap.view(repeated);
  let to = 0;
  for (const value of heap.view(x)) {
    for (let copy = 0; copy < times; copy++) target[to++] = value;
  }
  return repeated;
}

/** Sums neighbouring channels, down to the number in `shape`. */
function sumChannels(heap: Heap, x: TensorInfo, shape: number[]): TensorInfo {
  const summed = heap.allocateZeros(shape);
  const times = util.sizeFromShape(x.shape) / util.sizeFromShape(shape);
  const target = heap.view(summed);
  heap.view(x).forEach((value, at) => {
    const to = Math.floor(at / times);
    target[to] = (target[to] ?? 0) + value;
  });
  return summed;
}
