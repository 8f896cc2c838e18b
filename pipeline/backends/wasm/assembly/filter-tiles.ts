import { accumulate, bytesOf, multiplyAdd } from './vector.ts';

/*
 * Tiles of a filter's gradient, (input)ᵀ · (dy) summed over the windows of one strip and added to dw. A 5 × 8 tile has ten
 * vectors of sums: engines have fifteen registers, and a 6 × 8 tile spills and takes 1.6 times as long. Where the engine joins
 * two vectors in one register, a 5 × 16 tile has ten of those.
 */

/** Where a sweep over the windows of one strip reads. */
// Plain globals because arguments would spill the tile's registers.
let windowsDown: i32 = 0;
let rowBytes: usize = 0;
let windowStep: usize = 0;
let windowRowStep: usize = 0;
let gradientStep: usize = 0;

/** Says what the next tiles sweep over: rows of windows, each of `outWidth`. */
export function layStrip(
  rows: i32,
  outWidth: i32,
  step: usize,
  rowStep: usize,
  gradientBytes: usize,
): void {
  windowsDown = rows;
  rowBytes = <usize>outWidth * step;
  windowStep = step;
  windowRowStep = rowStep;
  gradientStep = gradientBytes;
}

export function addTile5x16(x: usize, dy: usize, dw: usize): void {
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
  let c40 = c00;
  let c41 = c00;
  let c42 = c00;
  let c43 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      const b2 = v128.load(dy, 32);
      const b3 = v128.load(dy, 48);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      c02 = multiplyAdd(c02, a, b2);
      c03 = multiplyAdd(c03, a, b3);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      c12 = multiplyAdd(c12, a, b2);
      c13 = multiplyAdd(c13, a, b3);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      c22 = multiplyAdd(c22, a, b2);
      c23 = multiplyAdd(c23, a, b3);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
      c32 = multiplyAdd(c32, a, b2);
      c33 = multiplyAdd(c33, a, b3);
      a = v128.load32_splat(p, 16);
      c40 = multiplyAdd(c40, a, b0);
      c41 = multiplyAdd(c41, a, b1);
      c42 = multiplyAdd(c42, a, b2);
      c43 = multiplyAdd(c43, a, b3);
    }
  }
  addFour(dw, c00, c01, c02, c03);
  addFour(dw + gradientBytes, c10, c11, c12, c13);
  addFour(dw + 2 * gradientBytes, c20, c21, c22, c23);
  addFour(dw + 3 * gradientBytes, c30, c31, c32, c33);
  addFour(dw + 4 * gradientBytes, c40, c41, c42, c43);
}

export function addTile4x16(x: usize, dy: usize, dw: usize): void {
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
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      const b2 = v128.load(dy, 32);
      const b3 = v128.load(dy, 48);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      c02 = multiplyAdd(c02, a, b2);
      c03 = multiplyAdd(c03, a, b3);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      c12 = multiplyAdd(c12, a, b2);
      c13 = multiplyAdd(c13, a, b3);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      c22 = multiplyAdd(c22, a, b2);
      c23 = multiplyAdd(c23, a, b3);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
      c32 = multiplyAdd(c32, a, b2);
      c33 = multiplyAdd(c33, a, b3);
    }
  }
  addFour(dw, c00, c01, c02, c03);
  addFour(dw + gradientBytes, c10, c11, c12, c13);
  addFour(dw + 2 * gradientBytes, c20, c21, c22, c23);
  addFour(dw + 3 * gradientBytes, c30, c31, c32, c33);
}

export function addTile5x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
      a = v128.load32_splat(p, 16);
      c40 = multiplyAdd(c40, a, b0);
      c41 = multiplyAdd(c41, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
  addPair(dw + 3 * gradientBytes, c30, c31);
  addPair(dw + 4 * gradientBytes, c40, c41);
}

export function addTile4x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
  addPair(dw + 3 * gradientBytes, c30, c31);
}

export function addTile3x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
}

export function addTile1x8(x: usize, dy: usize, dw: usize): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const a = v128.load32_splat(p);
      c0 = multiplyAdd(c0, a, v128.load(dy));
      c1 = multiplyAdd(c1, a, v128.load(dy, 16));
    }
  }
  addPair(dw, c0, c1);
}

/** One input against the last output channels, fewer than eight: four at once, then one by one. */
export function addRemainder(x: usize, dy: usize, dw: usize, count: i32): void {
  let o = 0;
  for (; o + 4 <= count; o += 4) addTile1x4(x, dy + bytesOf(o), dw + bytesOf(o));
  for (; o < count; o++) addTile1x1(x, dy + bytesOf(o), dw + bytesOf(o));
}

function addTile1x4(x: usize, dy: usize, dw: usize): void {
  let sum = f32x4.splat(0);
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += windowStep, dy += gradientStep) {
      sum = multiplyAdd(sum, v128.load32_splat(p), v128.load(dy));
    }
  }
  accumulate(dw, sum);
}

function addTile1x1(x: usize, dy: usize, dw: usize): void {
  let sum: f32 = 0;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += windowStep, dy += gradientStep) {
      sum += load<f32>(p) * load<f32>(dy);
    }
  }
  store<f32>(dw, load<f32>(dw) + sum);
}

/** Adds to two vectors of dw: read both and then write both, otherwise engines do not join them. */
function addPair(address: usize, low: v128, high: v128): void {
  const newLow = f32x4.add(v128.load(address), low);
  const newHigh = f32x4.add(v128.load(address, 16), high);
  v128.store(address, newLow);
  v128.store(address, newHigh, 16);
}

function addFour(address: usize, first: v128, second: v128, third: v128, fourth: v128): void {
  addPair(address, first, second);
  addPair(address + 32, third, fourth);
}
