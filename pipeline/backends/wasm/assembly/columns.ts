import { bytesOf, multiplyAdd } from './vector.ts';

/** Columns in one unit of work on columns: of a row a cache line, which no two units should read. */
const unitColumns: i32 = 16;

/** Units in each block of x[B, M, C]. */
function unitsOf(columns: i32): i32 {
  return (columns + unitColumns - 1) / unitColumns;
}

/** The columns [c, end) of out[C] = the sums over the rows of x[M, C]. */
function columnSums(c: i32, end: i32, x: usize, out: usize, rows: i32, columns: i32): void {
  for (; c + 16 <= end; c += 16) sumSixteen(x + bytesOf(c), out + bytesOf(c), rows, columns);
  for (; c + 4 <= end; c += 4) sumFour(x + bytesOf(c), out + bytesOf(c), rows, columns);
  for (; c < end; c++) sumOne(x + bytesOf(c), out + bytesOf(c), rows, columns);
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

/** out[B, C] = the sums over the rows of x[B, M, C]. A unit is sixteen columns of one block. */
export function blockSums(from: i32, to: i32, x: usize, out: usize, rows: i32, columns: i32): void {
  const units = unitsOf(columns);
  while (from < to) {
    const b = from / units;
    const next = min(to, (b + 1) * units);
    const first = (from - b * units) * unitColumns;
    const end = min(columns, (next - b * units) * unitColumns);
    columnSums(
      first,
      end,
      x + bytesOf(b * rows * columns),
      out + bytesOf(b * columns),
      rows,
      columns,
    );
    from = next;
  }
}

/** out[B, M, C] = row[B, C] ÷ divisor, the same for all M. A unit is one of the B × M rows. */
export function spreadRows(
  from: i32,
  to: i32,
  row: usize,
  out: usize,
  rows: i32,
  columns: i32,
  divisor: f32,
): void {
  const width = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  const divisors = f32x4.splat(divisor);
  for (let unit = from; unit < to; unit++) {
    const source = row + <usize>(unit / rows) * width;
    const target = out + <usize>unit * width;
    let c: usize = 0;
    for (; c < vectors; c += 16) {
      v128.store(target + c, f32x4.div(v128.load(source + c), divisors));
    }
    for (; c < width; c += 4) store<f32>(target + c, load<f32>(source + c) / divisor);
  }
}

/** out[B, C] = the maxima over the rows of x[B, M, C]. */
export function blockMaxima(
  from: i32,
  to: i32,
  x: usize,
  out: usize,
  rows: i32,
  columns: i32,
): void {
  for (let b = from; b < to; b++) {
    columnMaxima(x + bytesOf(b * rows * columns), out + bytesOf(b * columns), rows, columns);
  }
}

function columnMaxima(x: usize, out: usize, rows: i32, columns: i32): void {
  const row = bytesOf(columns);
  let c = 0;
  for (; c + 4 <= columns; c += 4) {
    const at = bytesOf(c);
    let maximum = v128.load(x + at);
    for (let m = 1, p = x + at + row; m < rows; m++, p += row) {
      maximum = f32x4.max(maximum, v128.load(p));
    }
    v128.store(out + at, maximum);
  }
  for (; c < columns; c++) {
    const at = bytesOf(c);
    let maximum = load<f32>(x + at);
    for (let m = 1, p = x + at + row; m < rows; m++, p += row) {
      maximum = max<f32>(maximum, load<f32>(p));
    }
    store<f32>(out + at, maximum);
  }
}

/** dx[B, M, C] = dy[B, C] where x equals its maximum y[B, C], otherwise 0: all equal maxima get the gradient. */
export function blockMaximaGradient(
  from: i32,
  to: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  rows: i32,
  columns: i32,
): void {
  const row = bytesOf(columns);
  const vectors = bytesOf(columns & ~3);
  x += <usize>(from * rows) * row;
  dx += <usize>(from * rows) * row;
  y += <usize>from * row;
  dy += <usize>from * row;
  for (let b = from; b < to; b++, y += row, dy += row) {
    for (let m = 0; m < rows; m++, x += row, dx += row) {
      let c: usize = 0;
      for (; c < vectors; c += 16) {
        const hit = f32x4.eq(v128.load(x + c), v128.load(y + c));
        v128.store(dx + c, v128.and(v128.load(dy + c), hit));
      }
      for (; c < row; c += 4) {
        store<f32>(dx + c, load<f32>(x + c) === load<f32>(y + c) ? load<f32>(dy + c) : 0);
      }
    }
  }
}

/** out[C] = the sum over the rows m of g[m, C] × (x[m, C] − mean[C]). A unit is sixteen columns. */
export function centredDots(
  from: i32,
  to: i32,
  g: usize,
  x: usize,
  mean: usize,
  out: usize,
  rows: i32,
  columns: i32,
): void {
  let c = from * unitColumns;
  const last = min(columns, to * unitColumns);
  for (; c + 16 <= last; c += 16) {
    const at = bytesOf(c);
    dotSixteen(g + at, x + at, mean + at, out + at, rows, columns);
  }
  for (; c + 4 <= last; c += 4) {
    const at = bytesOf(c);
    const centre = v128.load(mean + at);
    let sum = f32x4.splat(0);
    for (let row = 0, p = at; row < rows; row++, p += bytesOf(columns)) {
      const centred = f32x4.sub(v128.load(x + p), centre);
      sum = f32x4.add(sum, f32x4.mul(v128.load(g + p), centred));
    }
    v128.store(out + at, sum);
  }
  for (; c < last; c++) {
    const at = bytesOf(c);
    const centre = load<f32>(mean + at);
    let sum: f32 = 0;
    for (let row = 0, p = at; row < rows; row++, p += bytesOf(columns)) {
      sum += load<f32>(g + p) * (load<f32>(x + p) - centre);
    }
    store<f32>(out + at, sum);
  }
}

function dotSixteen(g: usize, x: usize, mean: usize, out: usize, rows: i32, columns: i32): void {
  const m0 = v128.load(mean);
  const m1 = v128.load(mean, 16);
  const m2 = v128.load(mean, 32);
  const m3 = v128.load(mean, 48);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let row = 0; row < rows; row++, g += bytesOf(columns), x += bytesOf(columns)) {
    s0 = multiplyAdd(s0, v128.load(g), f32x4.sub(v128.load(x), m0));
    s1 = multiplyAdd(s1, v128.load(g, 16), f32x4.sub(v128.load(x, 16), m1));
    s2 = multiplyAdd(s2, v128.load(g, 32), f32x4.sub(v128.load(x, 32), m2));
    s3 = multiplyAdd(s3, v128.load(g, 48), f32x4.sub(v128.load(x, 48), m3));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}
