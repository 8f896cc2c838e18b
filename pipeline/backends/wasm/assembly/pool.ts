import { accumulate, bytesOf } from './vector.ts';

/** y = the maxima of the windows, which are clipped to the image. A unit is an image. */
export function maxPool(
  from: i32,
  to: i32,
  x: usize,
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
  padTop: i32,
  padLeft: i32,
): void {
  for (let n = from; n < to; n++) {
    const image = x + bytesOf(n * height * width * channels);
    for (let r = 0; r < outHeight; r++) {
      const top = max(0, r * strideHeight - padTop);
      const rows = min(height, r * strideHeight - padTop + filterHeight) - top;
      for (let q = 0; q < outWidth; q++) {
        const left = max(0, q * strideWidth - padLeft);
        const columns = min(width, q * strideWidth - padLeft + filterWidth) - left;
        const window = image + bytesOf((top * width + left) * channels);
        const cell = y + bytesOf(((n * outHeight + r) * outWidth + q) * channels);
        maximumOf(window, cell, rows, columns, width, channels);
      }
    }
  }
}

function maximumOf(x: usize, y: usize, rows: i32, columns: i32, width: i32, channels: i32): void {
  const step = bytesOf(channels);
  const rowStep = bytesOf(width * channels);
  const rowEnd = <usize>columns * step;
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    let maximum = f32x4.splat(-Infinity);
    for (let h = 0, row = x + bytesOf(c); h < rows; h++, row += rowStep) {
      for (let at: usize = 0; at < rowEnd; at += step) {
        maximum = f32x4.max(maximum, v128.load(row + at));
      }
    }
    v128.store(y + bytesOf(c), maximum);
  }
  for (; c < channels; c++) {
    let maximum: f32 = -Infinity;
    for (let h = 0, row = x + bytesOf(c); h < rows; h++, row += rowStep) {
      for (let at: usize = 0; at < rowEnd; at += step) {
        maximum = max<f32>(maximum, load<f32>(row + at));
      }
    }
    store<f32>(y + bytesOf(c), maximum);
  }
}

/**
 * dx += the gradient of max pooling; the first maximum of a window gets all of it, as in the library's
 * other backends. `dx` must be zeroed by the caller. Windows are clipped to the image.
 */
export function maxPoolGradient(
  from: i32,
  to: i32,
  x: usize,
  dy: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  for (let n = from; n < to; n++) {
    const image = bytesOf(n * height * width * channels);
    for (let r = 0; r < outHeight; r++) {
      const top = max(0, r * strideHeight - padTop);
      const bottom = min(height, r * strideHeight - padTop + filterHeight);
      for (let q = 0; q < outWidth; q++) {
        const left = max(0, q * strideWidth - padLeft);
        const right = min(width, q * strideWidth - padLeft + filterWidth);
        const window = image + bytesOf((top * width + left) * channels);
        const gradient = dy + bytesOf(((n * outHeight + r) * outWidth + q) * channels);
        const rows = bottom - top;
        routeWindow(x + window, gradient, dx + window, rows, right - left, width, channels);
      }
    }
  }
}

function routeWindow(
  x: usize,
  dy: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  width: i32,
  channels: i32,
): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = bytesOf(c);
    routeFour(x + at, v128.load(dy + at), dx + at, rows, columns, width, channels);
  }
  for (; c < channels; c++) {
    const at = bytesOf(c);
    routeOne(x + at, load<f32>(dy + at), dx + at, rows, columns, width, channels);
  }
}

/** Four channels: find the maxima, then assign the gradient to the first cell that equals its maximum. */
function routeFour(
  x: usize,
  gradient: v128,
  dx: usize,
  rows: i32,
  columns: i32,
  width: i32,
  channels: i32,
): void {
  const step = bytesOf(channels);
  const rowStep = bytesOf(width * channels);
  const rowEnd = <usize>columns * step;
  let maximum = f32x4.splat(-Infinity);
  for (let h = 0; h < rows; h++) {
    const row = x + <usize>h * rowStep;
    for (let at: usize = 0; at < rowEnd; at += step) {
      maximum = f32x4.pmax(maximum, v128.load(row + at));
    }
  }
  let open = i32x4.splat(-1);
  for (let h = 0; h < rows; h++) {
    const row = <usize>h * rowStep;
    for (let at: usize = row; at < row + rowEnd; at += step) {
      const hit = v128.and(open, f32x4.eq(v128.load(x + at), maximum));
      open = v128.andnot(open, hit);
      accumulate(dx + at, v128.and(gradient, hit));
    }
  }
}

function routeOne(
  x: usize,
  gradient: f32,
  dx: usize,
  rows: i32,
  columns: i32,
  width: i32,
  channels: i32,
): void {
  let maximum: f32 = -Infinity;
  let found: usize = 0;
  for (let h = 0; h < rows; h++) {
    for (let w = 0; w < columns; w++) {
      const at = bytesOf((h * width + w) * channels);
      const value = load<f32>(x + at);
      if (value > maximum) {
        maximum = value;
        found = at;
      }
    }
  }
  store<f32>(dx + found, load<f32>(dx + found) + gradient);
}

/**
 * dx = the gradient of 2 × 2 max pooling with stride 2 and no padding: every cell belongs to at most one
 * window, so `dx` is written once and needs no zeroing.
 */
export function maxPoolHalvingGradient(
  from: i32,
  to: i32,
  x: usize,
  dy: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const cell = bytesOf(channels);
  const row = <usize>width * cell;
  for (let n = from; n < to; n++) {
    const image = <usize>(n * height) * row;
    for (let r = 0; r < outHeight; r++) {
      const pair = image + <usize>(2 * r) * row;
      for (let q = 0; q < outWidth; q++) {
        const gradient = dy + <usize>((n * outHeight + r) * outWidth + q) * cell;
        const window = pair + <usize>(2 * q) * cell;
        routeHalving(x + window, gradient, dx + window, channels, row);
      }
      const used = <usize>(2 * outWidth) * cell;
      clear(dx + pair + used, row - used);
      clear(dx + pair + row + used, row - used);
    }
    const rows = 2 * outHeight;
    clear(dx + image + <usize>rows * row, <usize>(height - rows) * row);
  }
}

function routeHalving(x: usize, dy: usize, dx: usize, channels: i32, row: usize): void {
  const right = bytesOf(channels);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = bytesOf(c);
    routeHalvingFour(x + at, v128.load(dy + at), dx + at, right, row);
  }
  for (; c < channels; c++) {
    const at = bytesOf(c);
    routeHalvingOne(x + at, load<f32>(dy + at), dx + at, right, row);
  }
}

function routeHalvingFour(x: usize, gradient: v128, dx: usize, right: usize, down: usize): void {
  const v0 = v128.load(x);
  const v1 = v128.load(x + right);
  const v2 = v128.load(x + down);
  const v3 = v128.load(x + down + right);
  const maximum = f32x4.pmax(f32x4.pmax(v0, v1), f32x4.pmax(v2, v3));
  const hit0 = f32x4.eq(v0, maximum);
  const hit1 = v128.andnot(f32x4.eq(v1, maximum), hit0);
  const top = v128.or(hit0, hit1);
  const hit2 = v128.andnot(f32x4.eq(v2, maximum), top);
  const hit3 = v128.andnot(f32x4.eq(v3, maximum), v128.or(top, hit2));
  v128.store(dx, v128.and(gradient, hit0));
  v128.store(dx + right, v128.and(gradient, hit1));
  v128.store(dx + down, v128.and(gradient, hit2));
  v128.store(dx + down + right, v128.and(gradient, hit3));
}

function routeHalvingOne(x: usize, gradient: f32, dx: usize, right: usize, down: usize): void {
  let maximum = load<f32>(x);
  let found: usize = 0;
  if (load<f32>(x + right) > maximum) {
    maximum = load<f32>(x + right);
    found = right;
  }
  if (load<f32>(x + down) > maximum) {
    maximum = load<f32>(x + down);
    found = down;
  }
  if (load<f32>(x + down + right) > maximum) found = down + right;
  store<f32>(dx, 0);
  store<f32>(dx + right, 0);
  store<f32>(dx + down, 0);
  store<f32>(dx + down + right, 0);
  store<f32>(dx + found, gradient);
}

function clear(from: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 4) store<f32>(from, 0);
}
