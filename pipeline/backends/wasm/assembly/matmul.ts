import { bytesOf, multiplyAdd, sumLanes } from './vector.ts';

/** What every result of `multiply` is raised to; a plain global because an argument would spill the tile's registers. */
let floor: f32 = 0;

/**
 * out[M, N] = start[N] + a[M, K] · b[K, N], raised to at least `least`. This beats the library's kernel, which repacks `b`
 * whenever the weights change, that is, in every training step. A unit is eight columns; those left over are one more.
 *
 * @param start an address, or 0 for sums that begin with nothing
 */
export function multiply(
  from: i32,
  to: i32,
  a: usize,
  b: usize,
  out: usize,
  m: i32,
  n: i32,
  k: i32,
  start: usize,
  least: f32,
): void {
  const rowOfA = bytesOf(k);
  const rowOfOut = bytesOf(n);
  floor = least;
  const last = min(n, to * 8);
  let column = from * 8;
  for (; column + 8 <= last; column += 8) {
    const first = start === 0 ? 0 : start + bytesOf(column);
    for (let row = 0; row < m; row += 4) {
      const left = a + <usize>row * rowOfA;
      const cell = out + <usize>row * rowOfOut + bytesOf(column);
      multiplyTile4x8(left, b + bytesOf(column), cell, min(4, m - row), k, n, first);
    }
  }
  for (; column < last; column++) {
    const first: f32 = start === 0 ? 0 : load<f32>(start + bytesOf(column));
    for (let row = 0; row < m; row++) {
      const left = a + <usize>row * rowOfA;
      const cell = out + <usize>row * rowOfOut + bytesOf(column);
      multiplyCell(left, b + bytesOf(column), cell, k, n, first);
    }
  }
}

/** Up to four rows by eight columns; rows that do not exist repeat the first and are not stored. */
function multiplyTile4x8(
  a: usize,
  b: usize,
  out: usize,
  rows: i32,
  k: i32,
  n: i32,
  start: usize,
): void {
  const rowOfA = bytesOf(k);
  const rowOfB = bytesOf(n);
  const a1 = rows > 1 ? a + rowOfA : a;
  const a2 = rows > 2 ? a + 2 * rowOfA : a;
  const a3 = rows > 3 ? a + 3 * rowOfA : a;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  if (start !== 0) {
    c00 = v128.load(start);
    c01 = v128.load(start, 16);
  }
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  for (let at: usize = 0; at < rowOfA; at += 4, b += rowOfB) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a + at);
    c00 = multiplyAdd(c00, s, b0);
    c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a1 + at);
    c10 = multiplyAdd(c10, s, b0);
    c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a2 + at);
    c20 = multiplyAdd(c20, s, b0);
    c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a3 + at);
    c30 = multiplyAdd(c30, s, b0);
    c31 = multiplyAdd(c31, s, b1);
  }
  storePair(out, c00, c01);
  if (rows > 1) storePair(out + rowOfB, c10, c11);
  if (rows > 2) storePair(out + 2 * rowOfB, c20, c21);
  if (rows > 3) storePair(out + 3 * rowOfB, c30, c31);
}

function multiplyCell(a: usize, b: usize, out: usize, k: i32, n: i32, start: f32): void {
  const end = a + bytesOf(k);
  let sum = start;
  for (; a < end; a += 4, b += bytesOf(n)) sum += load<f32>(a) * load<f32>(b);
  store<f32>(out, max<f32>(sum, floor));
}

function storePair(address: usize, low: v128, high: v128): void {
  const least = f32x4.splat(floor);
  v128.store(address, f32x4.max(low, least));
  v128.store(address, f32x4.max(high, least), 16);
}

/** out[M, N] = a[M, K] · b[N, K]ᵀ: every cell is a dot product of two rows. A unit is three columns. */
export function multiplyTransposed(
  from: i32,
  to: i32,
  a: usize,
  b: usize,
  out: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  const row = bytesOf(k);
  const last = min(n, to * 3);
  for (let j = from * 3; j < last; j += 3) {
    const columns = min(3, n - j);
    for (let i = 0; i < m; i += 3) {
      const cell = out + bytesOf(i * n + j);
      const left = a + <usize>i * row;
      dotTile3x3(left, b + <usize>j * row, cell, min(3, m - i), columns, k, n);
    }
  }
}

/** Up to three rows by three columns; those that do not exist repeat the first and are not stored. */
function dotTile3x3(a: usize, b: usize, out: usize, rows: i32, columns: i32, k: i32, n: i32): void {
  const row = bytesOf(k);
  const a1 = rows > 1 ? a + row : a;
  const a2 = rows > 2 ? a + 2 * row : a;
  const b1 = columns > 1 ? b + row : b;
  const b2 = columns > 2 ? b + 2 * row : b;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  const end = bytesOf(k & ~3);
  for (let at: usize = 0; at < end; at += 16) {
    const x0 = v128.load(b + at);
    const x1 = v128.load(b1 + at);
    const x2 = v128.load(b2 + at);
    let s = v128.load(a + at);
    c00 = multiplyAdd(c00, s, x0);
    c01 = multiplyAdd(c01, s, x1);
    c02 = multiplyAdd(c02, s, x2);
    s = v128.load(a1 + at);
    c10 = multiplyAdd(c10, s, x0);
    c11 = multiplyAdd(c11, s, x1);
    c12 = multiplyAdd(c12, s, x2);
    s = v128.load(a2 + at);
    c20 = multiplyAdd(c20, s, x0);
    c21 = multiplyAdd(c21, s, x1);
    c22 = multiplyAdd(c22, s, x2);
  }
  const outRow = bytesOf(n);
  storeDots(out, a, b, c00, c01, c02, end, row, columns);
  if (rows > 1) storeDots(out + outRow, a1, b, c10, c11, c12, end, row, columns);
  if (rows > 2) storeDots(out + 2 * outRow, a2, b, c20, c21, c22, end, row, columns);
}

/** Stores one row of a tile, with what the vectors left over of the dot products. */
function storeDots(
  out: usize,
  a: usize,
  b: usize,
  d0: v128,
  d1: v128,
  d2: v128,
  from: usize,
  row: usize,
  columns: i32,
): void {
  store<f32>(out, sumLanes(d0) + dotRest(a, b, from, row));
  if (columns > 1) store<f32>(out, sumLanes(d1) + dotRest(a, b + row, from, row), 4);
  if (columns > 2) store<f32>(out, sumLanes(d2) + dotRest(a, b + 2 * row, from, row), 8);
}

function dotRest(a: usize, b: usize, from: usize, end: usize): f32 {
  let sum: f32 = 0;
  for (let at = from; at < end; at += 4) sum += load<f32>(a + at) * load<f32>(b + at);
  return sum;
}
