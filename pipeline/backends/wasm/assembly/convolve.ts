import { bytesOf, multiplyAdd } from './vector.ts';

/*
 * Convolution without im2col. In NHWC the inputs under one filter row are KW × C values in a row, so a tile of
 * outputs (two windows by sixteen channels) is KH sweeps over such rows. A tile has eight vectors of sums:
 * engines have fifteen registers, and a tile of twelve sums spills and takes 1.6 times as long. Where the engine joins two
 * vectors in one register, a tile of four windows has eight of those. Each output is the same sum in the same order in any tile.
 */

/** Layout of the windows of one row; plain globals because arguments would spill the tile's registers. */
let filterRows: i32 = 0;
let filterRowBytes: usize = 0;
let inputRowBytes: usize = 0;
let windowStep: usize = 0;
let outStep: usize = 0;

/**
 * y[N, OH, OW, O] = the convolution of x with the filter [KH, KW, C, O] that packFilter packed. `x` [N, H, W, C] must
 * already be padded; OW must be at least 8. A unit is one row of one output image.
 *
 * @param joined 1 where the engine joins two vectors in one register, otherwise 0
 */
export function convolve(
  from: i32,
  to: i32,
  x: usize,
  packed: usize,
  y: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  joined: i32,
): void {
  const taps = filterHeight * filterWidth * channels;
  filterRows = filterHeight;
  filterRowBytes = bytesOf(filterWidth * channels);
  inputRowBytes = bytesOf(width * channels);
  windowStep = bytesOf(strideWidth * channels);
  outStep = bytesOf(outChannels);
  const wide = outChannels & ~15;
  const whole = outChannels & ~7;
  for (let unit = from; unit < to; unit++) {
    const n = unit / outHeight;
    const i = unit - n * outHeight;
    const input = x + <usize>(n * height + i * strideHeight) * inputRowBytes;
    const row = y + <usize>(unit * outWidth) * outStep;
    for (let o = 0; o < wide; o += 16) {
      convolveRow16(input, packed + bytesOf(o * taps), row + bytesOf(o), outWidth, joined);
    }
    if (wide < whole) {
      convolveRow8(input, packed + bytesOf(wide * taps), row + bytesOf(wide), outWidth);
    }
    for (let o = whole; o < outChannels; o += 4) {
      const panel = packed + bytesOf(o * taps);
      convolveRow4(input, panel, row + bytesOf(o), outWidth, min(4, outChannels - o));
    }
  }
}

/**
 * Panels of 16 output channels, then perhaps one of 8 and up to two of 4, filled up with zeros: a tile reads its panel in
 * order. `packed` has room for the next multiple of four channels.
 */
export function packFilter(filter: usize, packed: usize, taps: i32, outChannels: i32): void {
  const row = bytesOf(outChannels);
  for (let o = 0; o + 4 <= outChannels; ) {
    const left = outChannels - o;
    const width = left >= 16 ? 16 : left >= 8 ? 8 : 4;
    const bytes = bytesOf(width);
    const from = filter + bytesOf(o);
    for (let tap = 0; tap < taps; tap++) {
      for (let at: usize = 0; at < bytes; at += 16, packed += 16) {
        v128.store(packed, v128.load(from + <usize>tap * row + at));
      }
    }
    o += width;
  }
  const narrow = outChannels & 3;
  if (narrow === 0) return;
  filter += bytesOf(outChannels - narrow);
  for (let tap = 0; tap < taps; tap++, packed += 16) {
    v128.store(packed, f32x4.splat(0));
    for (let o = 0; o < narrow; o++) {
      store<f32>(packed + bytesOf(o), load<f32>(filter + <usize>tap * row + bytesOf(o)));
    }
  }
}

/** One row of windows; the last tile overlaps the previous one instead of reaching beyond the row. */
function convolveRow16(x: usize, panel: usize, y: usize, windows: i32, joined: i32): void {
  if (joined !== 0) {
    for (let j = 0; j < windows; j += 4) {
      const first = <usize>min(j, windows - 4);
      convolveTile4x16(x + first * windowStep, panel, y + first * outStep);
    }
    return;
  }
  for (let j = 0; j < windows; j += 2) {
    const first = <usize>min(j, windows - 2);
    convolveTile2x16(x + first * windowStep, panel, y + first * outStep);
  }
}

function convolveRow8(x: usize, panel: usize, y: usize, windows: i32): void {
  for (let j = 0; j < windows; j += 4) {
    const first = <usize>min(j, windows - 4);
    convolveTile4x8(x + first * windowStep, panel, y + first * outStep);
  }
}

/** Of the four channels, `count` are there. */
function convolveRow4(x: usize, panel: usize, y: usize, windows: i32, count: i32): void {
  for (let j = 0; j < windows; j += 8) {
    const first = <usize>min(j, windows - 8);
    convolveTile8x4(x + first * windowStep, panel, y + first * outStep, count);
  }
}

function convolveTile2x16(x: usize, panel: usize, y: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c03 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c13 = c00;
  const second = windowStep;
  const rowBytes = inputRowBytes;
  for (let row = filterRows; row > 0; row--, x += rowBytes) {
    const end = x + filterRowBytes;
    for (let p = x; p < end; p += 4, panel += 64) {
      const b0 = v128.load(panel);
      const b1 = v128.load(panel, 16);
      const b2 = v128.load(panel, 32);
      const b3 = v128.load(panel, 48);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      c02 = multiplyAdd(c02, a, b2);
      c03 = multiplyAdd(c03, a, b3);
      a = v128.load32_splat(p + second);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      c12 = multiplyAdd(c12, a, b2);
      c13 = multiplyAdd(c13, a, b3);
    }
  }
  storeFour(y, c00, c01, c02, c03);
  storeFour(y + outStep, c10, c11, c12, c13);
}

function convolveTile4x16(x: usize, panel: usize, y: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c03 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c13 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  let c23 = c00;
  let c30 = c00;
  let c31 = c00;
  let c32 = c00;
  let c33 = c00;
  const second = windowStep;
  const third = second + second;
  const fourth = third + second;
  const rowBytes = inputRowBytes;
  for (let row = filterRows; row > 0; row--, x += rowBytes) {
    const end = x + filterRowBytes;
    for (let p = x; p < end; p += 4, panel += 64) {
      const b0 = v128.load(panel);
      const b1 = v128.load(panel, 16);
      const b2 = v128.load(panel, 32);
      const b3 = v128.load(panel, 48);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      c02 = multiplyAdd(c02, a, b2);
      c03 = multiplyAdd(c03, a, b3);
      a = v128.load32_splat(p + second);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      c12 = multiplyAdd(c12, a, b2);
      c13 = multiplyAdd(c13, a, b3);
      a = v128.load32_splat(p + third);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      c22 = multiplyAdd(c22, a, b2);
      c23 = multiplyAdd(c23, a, b3);
      a = v128.load32_splat(p + fourth);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
      c32 = multiplyAdd(c32, a, b2);
      c33 = multiplyAdd(c33, a, b3);
    }
  }
  storeFour(y, c00, c01, c02, c03);
  storeFour(y + outStep, c10, c11, c12, c13);
  storeFour(y + 2 * outStep, c20, c21, c22, c23);
  storeFour(y + 3 * outStep, c30, c31, c32, c33);
}

function convolveTile4x8(x: usize, panel: usize, y: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const second = windowStep;
  const third = 2 * second;
  const fourth = 3 * second;
  const rowBytes = inputRowBytes;
  for (let row = filterRows; row > 0; row--, x += rowBytes) {
    const end = x + filterRowBytes;
    for (let p = x; p < end; p += 4, panel += 32) {
      const b0 = v128.load(panel);
      const b1 = v128.load(panel, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p + second);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p + third);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      a = v128.load32_splat(p + fourth);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
    }
  }
  storePair(y, c00, c01);
  storePair(y + outStep, c10, c11);
  storePair(y + 2 * outStep, c20, c21);
  storePair(y + 3 * outStep, c30, c31);
}

function convolveTile8x4(x: usize, panel: usize, y: usize, count: i32): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  let c4 = c0;
  let c5 = c0;
  let c6 = c0;
  let c7 = c0;
  const step = windowStep;
  const rowBytes = inputRowBytes;
  for (let row = filterRows; row > 0; row--, x += rowBytes) {
    const end = x + filterRowBytes;
    for (let p = x; p < end; p += 4, panel += 16) {
      const b = v128.load(panel);
      let q = p;
      c0 = multiplyAdd(c0, v128.load32_splat(q), b);
      q += step;
      c1 = multiplyAdd(c1, v128.load32_splat(q), b);
      q += step;
      c2 = multiplyAdd(c2, v128.load32_splat(q), b);
      q += step;
      c3 = multiplyAdd(c3, v128.load32_splat(q), b);
      q += step;
      c4 = multiplyAdd(c4, v128.load32_splat(q), b);
      q += step;
      c5 = multiplyAdd(c5, v128.load32_splat(q), b);
      q += step;
      c6 = multiplyAdd(c6, v128.load32_splat(q), b);
      q += step;
      c7 = multiplyAdd(c7, v128.load32_splat(q), b);
    }
  }
  y = storeFirst(y, c0, count);
  y = storeFirst(y, c1, count);
  y = storeFirst(y, c2, count);
  y = storeFirst(y, c3, count);
  y = storeFirst(y, c4, count);
  y = storeFirst(y, c5, count);
  y = storeFirst(y, c6, count);
  storeFirst(y, c7, count);
}

/** Stores the first of four channels. Returns where those of the next window go. */
function storeFirst(y: usize, value: v128, count: i32): usize {
  if (count === 4) v128.store(y, value);
  else {
    v128.store_lane<f32>(y, value, 0);
    if (count > 1) v128.store_lane<f32>(y, value, 1, 4);
    if (count > 2) v128.store_lane<f32>(y, value, 2, 8);
  }
  return y + outStep;
}

function storePair(address: usize, low: v128, high: v128): void {
  v128.store(address, low);
  v128.store(address, high, 16);
}

function storeFour(address: usize, first: v128, second: v128, third: v128, fourth: v128): void {
  v128.store(address, first);
  v128.store(address, second, 16);
  v128.store(address, third, 32);
  v128.store(address, fourth, 48);
}
