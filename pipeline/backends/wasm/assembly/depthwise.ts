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

/** Layout of the windows; plain globals because arguments would spill registers. */
let filterRows: i32 = 0;
let filterColumns: i32 = 0;
let inputRow: usize = 0;
let filterRow: usize = 0;
let cellBytes: usize = 0;

/**
 * y[N, OH, OW, C] = the depthwise convolution of x with filter [KH, KW, C], one for each channel. `x` [N, H, W, C] must already
 * be padded. A unit is one row of one output image. Sums go down the columns of the filter, as in the published kernel.
 */
export function depthwiseConvolve(
  from: i32,
  to: i32,
  x: usize,
  filter: usize,
  y: usize,
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
  filterRows = filterHeight;
  filterColumns = filterWidth;
  cellBytes = bytesOf(channels);
  inputRow = <usize>width * cellBytes;
  filterRow = <usize>filterWidth * cellBytes;
  const step = <usize>strideWidth * cellBytes;
  for (let unit = from; unit < to; unit++) {
    const n = unit / outHeight;
    const i = unit - n * outHeight;
    let window = x + <usize>(n * height + i * strideHeight) * inputRow;
    let out = y + <usize>(unit * outWidth) * cellBytes;
    for (let j = 0; j < outWidth; j++, window += step, out += cellBytes) {
      let c = 0;
      for (; c + 16 <= channels; c += 16) {
        sumSixteen(window + bytesOf(c), filter + bytesOf(c), out + bytesOf(c));
      }
      for (; c + 4 <= channels; c += 4) {
        sumFour(window + bytesOf(c), filter + bytesOf(c), out + bytesOf(c));
      }
      for (; c < channels; c++) {
        sumOne(window + bytesOf(c), filter + bytesOf(c), out + bytesOf(c));
      }
    }
  }
}

function sumSixteen(x: usize, filter: usize, y: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const down = inputRow;
  const filterDown = filterRow;
  for (let column = filterColumns; column > 0; column--, x += cellBytes, filter += cellBytes) {
    let p = x;
    let f = filter;
    for (let row = filterRows; row > 0; row--, p += down, f += filterDown) {
      s0 = multiplyAdd(s0, v128.load(p), v128.load(f));
      s1 = multiplyAdd(s1, v128.load(p, 16), v128.load(f, 16));
      s2 = multiplyAdd(s2, v128.load(p, 32), v128.load(f, 32));
      s3 = multiplyAdd(s3, v128.load(p, 48), v128.load(f, 48));
    }
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
}

function sumFour(x: usize, filter: usize, y: usize): void {
  let sum = f32x4.splat(0);
  for (let column = filterColumns; column > 0; column--, x += cellBytes, filter += cellBytes) {
    let p = x;
    let f = filter;
    for (let row = filterRows; row > 0; row--, p += inputRow, f += filterRow) {
      sum = multiplyAdd(sum, v128.load(p), v128.load(f));
    }
  }
  v128.store(y, sum);
}

function sumOne(x: usize, filter: usize, y: usize): void {
  let sum: f32 = 0;
  for (let column = filterColumns; column > 0; column--, x += cellBytes, filter += cellBytes) {
    let p = x;
    let f = filter;
    for (let row = filterRows; row > 0; row--, p += inputRow, f += filterRow) {
      sum += load<f32>(p) * load<f32>(f);
    }
  }
  store<f32>(y, sum);
}
