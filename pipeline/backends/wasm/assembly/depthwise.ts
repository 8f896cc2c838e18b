import { accumulate, bytesOf, multiplyAdd } from './vector.ts';

/**
 * dw[KH, KW, C] += the filter gradient of a depthwise convolution with one filter per channel. `dw` must be zeroed
 * by the caller; `x` [N, H, W, C] must already be padded; `dy` is [N, OH, OW, C]. A unit is four channels of one tap.
 */
export function depthwiseFilterGradient(
  from: i32,
  to: i32,
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
): void {
  const rowStep = bytesOf(strideHeight * width * channels);
  const units = (channels + 3) / 4;
  for (let n = 0; n < batch; n++) {
    const gradient = dy + bytesOf(n * outHeight * outWidth * channels);
    for (let unit = from; unit < to; unit++) {
      const tap = unit / units;
      const c = (unit - tap * units) * 4;
      const row = n * height + tap / filterWidth;
      const input = x + bytesOf((row * width + (tap % filterWidth)) * channels);
      const cell = dw + bytesOf(tap * channels);
      addTap(c, input, gradient, cell, channels, outHeight, outWidth, strideWidth, rowStep);
    }
  }
}

/** Adds to the channels from c to c + 3, or to those that are there. */
function addTap(
  c: i32,
  x: usize,
  dy: usize,
  dw: usize,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  strideWidth: i32,
  rowStep: usize,
): void {
  const cell = bytesOf(channels);
  const step = <usize>strideWidth * cell;
  if (c + 4 <= channels) {
    let sum = f32x4.splat(0);
    let row = x + bytesOf(c);
    let g = dy + bytesOf(c);
    for (let i = 0; i < outHeight; i++, row += rowStep) {
      for (let j = 0, p = row; j < outWidth; j++, p += step, g += cell) {
        sum = multiplyAdd(sum, v128.load(p), v128.load(g));
      }
    }
    accumulate(dw + bytesOf(c), sum);
    return;
  }
  for (; c < channels; c++) {
    let sum: f32 = 0;
    let row = x + bytesOf(c);
    let g = dy + bytesOf(c);
    for (let i = 0; i < outHeight; i++, row += rowStep) {
      for (let j = 0, p = row; j < outWidth; j++, p += step, g += cell) {
        sum += load<f32>(p) * load<f32>(g);
      }
    }
    const to = dw + bytesOf(c);
    store<f32>(to, load<f32>(to) + sum);
  }
}
