import { bytesOf, unitValues } from './vector.ts';

/** dx = dy where x > 0, otherwise 0. */
export function reluGradient(from: i32, to: i32, dy: usize, x: usize, dx: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) {
    const open = f32x4.gt(v128.load(x + at), zero);
    v128.store(dx + at, v128.and(v128.load(dy + at), open));
  }
  for (const end = bytesOf(last); at < end; at += 4) {
    store<f32>(dx + at, load<f32>(x + at) > 0 ? load<f32>(dy + at) : 0);
  }
}

/** dx = dy × 2x. */
export function squareGradient(
  from: i32,
  to: i32,
  dy: usize,
  x: usize,
  dx: usize,
  count: i32,
): void {
  const two = f32x4.splat(2);
  const last = min(count, to * unitValues);
  const vectors = bytesOf(last & ~3);
  let at = bytesOf(from * unitValues);
  for (; at < vectors; at += 16) {
    v128.store(dx + at, f32x4.mul(v128.load(dy + at), f32x4.mul(v128.load(x + at), two)));
  }
  for (const end = bytesOf(last); at < end; at += 4) {
    store<f32>(dx + at, load<f32>(dy + at) * (load<f32>(x + at) * 2));
  }
}

/** y[M, C] = x[M, C] × scale[C] + shift[C]. */
export function scaleShift(
  from: i32,
  to: i32,
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  columns: i32,
): void {
  const row = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  x += <usize>from * row;
  y += <usize>from * row;
  for (let r = from; r < to; r++, x += row, y += row) {
    let c: usize = 0;
    for (; c < vectors; c += 16) {
      const scaled = f32x4.mul(v128.load(x + c), v128.load(scale + c));
      v128.store(y + c, f32x4.add(scaled, v128.load(shift + c)));
    }
    for (; c < row; c += 4) {
      store<f32>(y + c, load<f32>(x + c) * load<f32>(scale + c) + load<f32>(shift + c));
    }
  }
}

/** y[M, C] = x[M, C] + shift[C], raised to at least `least`. `y` may be `x`. */
export function addRow(
  from: i32,
  to: i32,
  x: usize,
  shift: usize,
  y: usize,
  columns: i32,
  least: f32,
): void {
  const row = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  const floor = f32x4.splat(least);
  x += <usize>from * row;
  y += <usize>from * row;
  for (let r = from; r < to; r++, x += row, y += row) {
    let c: usize = 0;
    for (; c < vectors; c += 16) {
      v128.store(y + c, f32x4.max(f32x4.add(v128.load(x + c), v128.load(shift + c)), floor));
    }
    for (; c < row; c += 4) {
      store<f32>(y + c, max<f32>(load<f32>(x + c) + load<f32>(shift + c), least));
    }
  }
}
