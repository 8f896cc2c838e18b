import { accumulate, bytesOf, multiplyAdd } from './vector.ts';

/**
 * dw[KH, KW, C] += the filter gradient of a depthwise convolution with one filter per channel. `dw` must be zeroed
 * by the caller; `x` [N, H, W, C] must already be padded; `dy` is [N, OH, OW, C].
 */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
): void {
  for (let n = 0; n < batch; n++) {
    const gradient = dy + bytesOf(n * outHeight * outWidth * channels);
    for (let kh = 0; kh < filterHeight; kh++) {
      for (let kw = 0; kw < filterWidth; kw++) {
        const tap = x + bytesOf(((n * height + kh) * width + kw) * channels);
        const cell = dw + bytesOf((kh * filterWidth + kw) * channels);
        const rowStep = bytesOf(strideHeight * width * channels);
        addTap(tap, gradient, cell, channels, outHeight, outWidth, strideWidth, rowStep);
      }
    }
  }
}

function addTap(
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
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    let sum = f32x4.splat(0);
    let row = x + bytesOf(c);
    let g = dy + bytesOf(c);
    for (let i = 0; i < outHeight; i++, row += rowStep) {
      for (let j = 0, p = row; j < outWidth; j++, p += step, g += cell) {
        sum = multiplyAdd(sum, v128.load(p), v128.load(g));
      }
    }
    accumulate(dw + bytesOf(c), sum);
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
