import { bytesOf, unitValues } from './vector.ts';

/*
 * Arithmetic value by value. The kernels of rows take one value per column of x[M, C]; a unit of theirs is a row. Of the others
 * a unit is 1024 values.
 */

/** y = x where x > 0, otherwise 0. */
export function relu(from: i32, to: i32, x: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) v128.store(y + at, f32x4.max(v128.load(x + at), zero));
  for (const end = bytesOf(last); at < end; at += 4) {
    store<f32>(y + at, max<f32>(load<f32>(x + at), 0));
  }
}

/** y = a + b. */
export function addValues(from: i32, to: i32, a: usize, b: usize, y: usize, count: i32): void {
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) {
    v128.store(y + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
  }
  for (const end = bytesOf(last); at < end; at += 4) {
    store<f32>(y + at, load<f32>(a + at) + load<f32>(b + at));
  }
}

/** y = a × b. */
export function multiplyValues(from: i32, to: i32, a: usize, b: usize, y: usize, count: i32): void {
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) {
    v128.store(y + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
  for (const end = bytesOf(last); at < end; at += 4) {
    store<f32>(y + at, load<f32>(a + at) * load<f32>(b + at));
  }
}

/** y[M, C] = x[M, C] × row[C]. */
export function multiplyRow(
  from: i32,
  to: i32,
  x: usize,
  row: usize,
  y: usize,
  columns: i32,
): void {
  const width = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  for (let r = from; r < to; r++) {
    const at = x + <usize>r * width;
    const out = y + <usize>r * width;
    let c: usize = 0;
    for (; c < vectors; c += 16) {
      v128.store(out + c, f32x4.mul(v128.load(at + c), v128.load(row + c)));
    }
    for (; c < width; c += 4) store<f32>(out + c, load<f32>(at + c) * load<f32>(row + c));
  }
}

/** y[M, C] = x[M, C] − row[C]. */
export function subtractRow(
  from: i32,
  to: i32,
  x: usize,
  row: usize,
  y: usize,
  columns: i32,
): void {
  const width = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  for (let r = from; r < to; r++) {
    const at = x + <usize>r * width;
    const out = y + <usize>r * width;
    let c: usize = 0;
    for (; c < vectors; c += 16) {
      v128.store(out + c, f32x4.sub(v128.load(at + c), v128.load(row + c)));
    }
    for (; c < width; c += 4) store<f32>(out + c, load<f32>(at + c) - load<f32>(row + c));
  }
}
