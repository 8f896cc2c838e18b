import { bytesOf } from './vector.ts';

/** out[C] = the sum over the rows of x[M, C]. */
export function columnSums(x: usize, out: usize, rows: i32, columns: i32): void {
  let c = 0;
  for (; c + 16 <= columns; c += 16) sumSixteen(x + bytesOf(c), out + bytesOf(c), rows, columns);
  for (; c + 4 <= columns; c += 4) sumFour(x + bytesOf(c), out + bytesOf(c), rows, columns);
  for (; c < columns; c++) sumOne(x + bytesOf(c), out + bytesOf(c), rows, columns);
}

function sumSixteen(x: usize, out: usize, rows: i32, columns: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let row = 0; row < rows; row++, x += bytesOf(columns)) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

function sumFour(x: usize, out: usize, rows: i32, columns: i32): void {
  let sum = f32x4.splat(0);
  for (let row = 0; row < rows; row++, x += bytesOf(columns)) sum = f32x4.add(sum, v128.load(x));
  v128.store(out, sum);
}

function sumOne(x: usize, out: usize, rows: i32, columns: i32): void {
  let sum: f32 = 0;
  for (let row = 0; row < rows; row++, x += bytesOf(columns)) sum += load<f32>(x);
  store<f32>(out, sum);
}

/** out[C] = the sum over the rows m of g[m, C] × (x[m, C] − mean[C]). */
export function centredDots(
  g: usize,
  x: usize,
  mean: usize,
  out: usize,
  rows: i32,
  columns: i32,
): void {
  let c = 0;
  for (; c + 4 <= columns; c += 4) {
    const at = bytesOf(c);
    const centre = v128.load(mean + at);
    let sum = f32x4.splat(0);
    for (let row = 0, p = at; row < rows; row++, p += bytesOf(columns)) {
      const centred = f32x4.sub(v128.load(x + p), centre);
      sum = f32x4.add(sum, f32x4.mul(v128.load(g + p), centred));
    }
    v128.store(out + at, sum);
  }
  for (; c < columns; c++) {
    const at = bytesOf(c);
    const centre = load<f32>(mean + at);
    let sum: f32 = 0;
    for (let row = 0, p = at; row < rows; row++, p += bytesOf(columns)) {
      sum += load<f32>(g + p) * (load<f32>(x + p) - centre);
    }
    store<f32>(out + at, sum);
  }
}
