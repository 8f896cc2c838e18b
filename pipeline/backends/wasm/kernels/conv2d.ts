import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs, leastOf, panelWidth, tileUnits, unitValues } from './units.ts';
import { dilateGradient, padImages, transposedPadding } from './windows.ts';

/** Outputs narrower than this do not fill a tile of the compiled kernel. */
const leastOutWidth = 8;
/** Output channels of its narrowest tile. */
const tileChannels = 4;

/**
 * Conv2D and both its gradients, for any stride and padding. The published backend has no filter gradient, and
 * its convolution takes 1.5 times as long.
 */
export function registerConv2d(heap: Heap): void {
  replaceKernel<Conv2DInputs, Conv2DAttrs>('Conv2D', (published) => (call) => {
    const { x, filter } = call.inputs;
    const info = tiledInfo(x, filter, call.attrs);
    return info ? convolve(heap, x, filter, info) : published(call);
  });
  replaceKernel<FusedConv2DInputs, FusedConv2DAttrs>('FusedConv2D', (published) => (call) => {
    const { x, filter, bias } = call.inputs;
    const info = tiledInfo(x, filter, call.attrs);
    const least = leastOf(call.attrs.activation);
    const row: TensorInfo | undefined = bias;
    const plain = !row || (row.shape.length === 1 && row.shape[0] === info?.outChannels);
    if (!info || !plain || least === null) return published(call);
    const y = convolve(heap, x, filter, info);
    if (row) return addBias(heap, y, row, least);
    return least === 0 ? rectify(heap, y) : y;
  });
  replaceKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
    'Conv2DBackpropFilter',
    () =>
      ({ inputs: { x, dy }, attrs }) =>
        filterGradient(heap, x, dy, convInfo(x.shape, attrs.filterShape, attrs)),
  );
  replaceKernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
    'Conv2DBackpropInput',
    (published) => (call) => {
      const { dy, filter } = call.inputs;
      const info = convInfo(call.attrs.inputShape, filter.shape, call.attrs);
      const padding = transposedPadding(info);
      return padding ? inputGradient(heap, dy, filter, info, padding) : published(call);
    },
  );
}

type ConvAttributes = Pick<
  Conv2DBackpropFilterAttrs,
  'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'
>;

function convInfo(x: number[], filter: number[], attrs: ConvAttributes): backend_util.Conv2DInfo {
  const { strides, pad, dimRoundingMode, dataFormat } = attrs;
  const order = backend_util.convertConv2DDataFormat(dataFormat);
  if (order !== 'channelsLast') throw new Error('the wasm backend convolves NHWC only');
  const [n = 0, h = 0, w = 0, c = 0] = x;
  const [kh = 0, kw = 0, from = 0, to = 0] = filter;
  const images: [number, number, number, number] = [n, h, w, c];
  const taps: [number, number, number, number] = [kh, kw, from, to];
  return backend_util.computeConv2DInfo(
    images,
    taps,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    order,
  );
}

/** Null if the published kernel must convolve. */
function tiledInfo(
  x: TensorInfo,
  filter: TensorInfo,
  attrs: Conv2DAttrs,
): backend_util.Conv2DInfo | null {
  if (isDilated(attrs.dilations)) return null;
  const info = convInfo(x.shape, filter.shape, attrs);
  return info.outWidth >= leastOutWidth ? info : null;
}

function isDilated(dilations: number | [number, number]): boolean {
  return [dilations].flat().some((each) => each > 1);
}

function convolve(
  heap: Heap,
  x: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const padded = padImages(heap, x, info);
  const y = heap.allocate(info.outShape);
  const { inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const taps = filterHeight * filterWidth * inChannels;
  const packed = heap.allocate([taps, tileChannels * Math.ceil(outChannels / tileChannels)]);
  heap.compiled.packFilter(heap.address(filter), heap.address(packed), taps, outChannels);
  const addresses = [padded, packed, y].map((tensor) => heap.address(tensor));
  const images = [...padded.shape.slice(1), info.outHeight, info.outWidth, outChannels];
  const window = [filterHeight, filterWidth, strideHeight, strideWidth, Number(heap.joined)];
  const rows = info.batchSize * info.outHeight;
  heap.spread('convolve', rows, multiplications(info), [...addresses, ...images, ...window]);
  heap.release(padded, packed);
  return y;
}

/** Adds to the values in place: nothing else uses them yet. */
function addBias(heap: Heap, y: TensorInfo, bias: TensorInfo, least: number): TensorInfo {
  const [atY, atBias] = [heap.address(y), heap.address(bias)];
  const columns = util.sizeFromShape(bias.shape);
  const values = util.sizeFromShape(y.shape);
  heap.spread('addRow', values / columns, costs.pass * values, [atY, atBias, atY, columns, least]);
  return y;
}

/** In place, too. */
function rectify(heap: Heap, y: TensorInfo): TensorInfo {
  const at = heap.address(y);
  const count = util.sizeFromShape(y.shape);
  heap.spread('relu', Math.ceil(count / unitValues), costs.pass * count, [at, at, count]);
  return y;
}

function filterGradient(
  heap: Heap,
  x: TensorInfo,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const padded = padImages(heap, x, info);
  const dw = heap.allocateZeros(info.filterShape);
  const addresses = [padded, dy, dw].map((tensor) => heap.address(tensor));
  const { inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const images = [...padded.shape, info.outHeight, info.outWidth, outChannels];
  const panel = panelWidth(heap);
  const window = [filterWidth, strideHeight, strideWidth, panel];
  const units = filterHeight * tileUnits(filterWidth * inChannels, outChannels, panel);
  const values = [...addresses, ...images, ...window];
  heap.spread('convFilterGradient', units, multiplications(info), values);
  heap.release(padded);
  return dw;
}

function multiplications({ outShape, filterShape }: backend_util.Conv2DInfo): number {
  return util.sizeFromShape(outShape.slice(0, 3)) * util.sizeFromShape(filterShape);
}

/** The gradient with respect to the input is itself a convolution, of the (dilated) dy with the rotated filter. */
function inputGradient(
  heap: Heap,
  dy: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
  pad: backend_util.ExplicitPadding,
): TensorInfo {
  const spread = dilateGradient(heap, dy, info);
  const turned = turnFilter(heap, filter);
  const inputs = { x: spread, filter: turned };
  const dx = heap.run('Conv2D', inputs, { strides: 1, dilations: 1, pad, dataFormat: 'NHWC' });
  heap.release(spread, turned);
  return dx;
}

/** [KH, KW, C, O] → [KH, KW, O, C] with the taps in reverse order. */
function turnFilter(heap: Heap, filter: TensorInfo): TensorInfo {
  const [kh = 0, kw = 0, from = 0, to = 0] = filter.shape;
  const turned = heap.allocate([kh, kw, to, from]);
  const source = heap.view(filter);
  const target = heap.view(turned);
  const cell = from * to;
  for (let tap = 0; tap < kh * kw; tap++) {
    const first = (kh * kw - 1 - tap) * cell;
    for (let c = 0, at = tap * cell; c < from; c++) {
      for (let o = 0; o < to; o++, at++) target[first + o * from + c] = source[at] ?? 0;
    }
  }
  return turned;
}
