/*
 * Resizing and measuring of pictures with four bytes a pixel, in AssemblyScript on a memory that they import. They allocate nothing and
 * have no static data. Sums are of whole numbers, so that equal inputs give equal bytes on every machine. Compiled into
 * ../kernels.wasm by ../build-kernels.ts.
 */

/**
 * Resizes rows across: rows[Y, size, 4] of int16 = the weighted sums of source[Y, width, 4] of uint8, times 16.
 *
 * @param firsts the first pixel for each place, int32. @param weights int16 of 14 bits, `pairs` of two for each place.
 */
export function resampleAcross(
  source: usize,
  rows: usize,
  firsts: usize,
  weights: usize,
  width: i32,
  height: i32,
  size: i32,
  stride: i32,
  pairs: i32,
): void {
  const half = i32x4.splat(1 << 9);
  const zero = i32x4.splat(0);
  const twice = pairs >> 1;
  for (let y = 0; y < height; y++) {
    const line = source + ((<usize>(y * width)) << 2);
    let to = rows + <usize>(y * stride);
    let weight = weights;
    for (let x = 0; x < size; x++) {
      let at = line + ((<usize>load<i32>(firsts + ((<usize>x) << 2))) << 2);
      let sum = half;
      let odd = zero;
      for (let four = 0; four < twice; four++) {
        const pixels = v128.load(at);
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(firstPair(pixels), v128.load32_splat(weight)));
        odd = i32x4.add(odd, i32x4.dot_i16x8_s(secondPair(pixels), v128.load32_splat(weight, 4)));
        at += 16;
        weight += 8;
      }
      if ((pairs & 1) !== 0) {
        const pixels = v128.load64_zero(at);
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(firstPair(pixels), v128.load32_splat(weight)));
        weight += 4;
      }
      sum = i32x4.add(sum, odd);
      const shifted = i32x4.shr_s(sum, 10);
      v128.store64_lane(to, i16x8.narrow_i32x4_s(shifted, shifted), 0);
      to += 8;
    }
  }
}

/** Of four pixels the first two as int16, channel beside channel. */
// biome-ignore format: sixteen places
function firstPair(pixels: v128): v128 {
  return i8x16.shuffle(pixels, i32x4.splat(0), 0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 3, 16, 7, 16);
}

/** The last two. */
// biome-ignore format: sixteen places
function secondPair(pixels: v128): v128 {
  return i8x16.shuffle(pixels, i32x4.splat(0), 8, 16, 12, 16, 9, 16, 13, 16, 10, 16, 14, 16, 11, 16, 15, 16);
}

/**
 * Resizes rows down: out[size, stride / 2] of uint8 = the weighted sums of rows[Y, stride / 2] of int16, divided by 16.
 *
 * @param stride bytes of a row, a multiple of 16.
 */
export function resampleDown(
  rows: usize,
  out: usize,
  firsts: usize,
  weights: usize,
  size: i32,
  stride: i32,
  pairs: i32,
): void {
  const wide = stride & ~31;
  let to = out;
  for (let y = 0; y < size; y++) {
    const first = rows + <usize>(load<i32>(firsts + ((<usize>y) << 2)) * stride);
    const weight = weights + ((<usize>(y * pairs)) << 2);
    let x = 0;
    for (; x < wide; x += 32) {
      sumDown32(first + <usize>x, weight, to, stride, pairs);
      to += 16;
    }
    if (x < stride) {
      sumDown16(first + <usize>x, weight, to, stride, pairs);
      to += 8;
    }
  }
}

const roundedDown: i32 = 1 << 17;

function sumDown32(from: usize, weight: usize, to: usize, stride: i32, pairs: i32): void {
  let s0 = i32x4.splat(roundedDown);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let pair = 0; pair < pairs; pair++) {
    const next = from + <usize>stride;
    const both = v128.load32_splat(weight);
    const a0 = v128.load(from);
    const b0 = v128.load(next);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(lowPairs(a0, b0), both));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(highPairs(a0, b0), both));
    const a1 = v128.load(from, 16);
    const b1 = v128.load(next, 16);
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(lowPairs(a1, b1), both));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(highPairs(a1, b1), both));
    from += <usize>(2 * stride);
    weight += 4;
  }
  const left = i16x8.narrow_i32x4_s(i32x4.shr_s(s0, 18), i32x4.shr_s(s1, 18));
  const right = i16x8.narrow_i32x4_s(i32x4.shr_s(s2, 18), i32x4.shr_s(s3, 18));
  v128.store(to, i8x16.narrow_i16x8_u(left, right));
}

function sumDown16(from: usize, weight: usize, to: usize, stride: i32, pairs: i32): void {
  let low = i32x4.splat(roundedDown);
  let high = low;
  for (let pair = 0; pair < pairs; pair++) {
    const above = v128.load(from);
    const below = v128.load(from + <usize>stride);
    const both = v128.load32_splat(weight);
    low = i32x4.add(low, i32x4.dot_i16x8_s(lowPairs(above, below), both));
    high = i32x4.add(high, i32x4.dot_i16x8_s(highPairs(above, below), both));
    from += <usize>(2 * stride);
    weight += 4;
  }
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(low, 18), i32x4.shr_s(high, 18));
  v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}

/** The first four of two rows, value beside value. */
function lowPairs(above: v128, below: v128): v128 {
  return v128.shuffle<i16>(above, below, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The last four. */
function highPairs(above: v128, below: v128): v128 {
  return v128.shuffle<i16>(above, below, 4, 12, 5, 13, 6, 14, 7, 15);
}

/**
 * Writes pixels as the network sees them: target[height, width, 3] of float32 = table[colour].
 *
 * @param pixels rows of four bytes a pixel. @param stride bytes from one row to the next. @param table 256 of float32.
 */
export function scale(
  pixels: usize,
  table: usize,
  target: usize,
  width: i32,
  height: i32,
  stride: i32,
): void {
  let to = target;
  for (let y = 0; y < height; y++) {
    let at = pixels + <usize>(y * stride);
    const end = at + ((<usize>width) << 2);
    for (; at < end; at += 4) {
      store<f32>(to, load<f32>(table + ((<usize>load<u8>(at)) << 2)));
      store<f32>(to, load<f32>(table + ((<usize>load<u8>(at, 1)) << 2)), 4);
      store<f32>(to, load<f32>(table + ((<usize>load<u8>(at, 2)) << 2)), 8);
      to += 12;
    }
  }
}

/**
 * Gives each pixel a fourth byte, 255. What lies 4 bytes behind the last pixel may be read and is not used.
 *
 * @param pixels three bytes each. @param target four bytes each, with room for a multiple of four.
 */
export function widen(pixels: usize, target: usize, count: i32): void {
  const places = i8x16(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
  const fourth = i32x4.splat(0xff000000);
  let at = pixels;
  let to = target;
  for (let left = count; left > 0; left -= 4) {
    v128.store(to, v128.or(i8x16.swizzle(v128.load(at), places), fourth));
    at += 12;
    to += 16;
  }
}

/**
 * Sums of a picture, as six int64: red, green, blue, the squares of luminance, the Laplacian of luminance, its squares.
 *
 * @param luminance receives 299 red + 587 green + 114 blue of each pixel, int32. @param sums where they are written.
 */
export function measure(
  pixels: usize,
  luminance: usize,
  sums: usize,
  width: i32,
  height: i32,
): void {
  sumColours(pixels, luminance, sums, width * height);
  sumEdges(luminance, sums + 32, width, height);
}

function sumColours(pixels: usize, luminance: usize, sums: usize, count: i32): void {
  const weights = i16x8(299, 587, 114, 0, 299, 587, 114, 0);
  let colours = i32x4.splat(0);
  let squares = i64x2.splat(0);
  const fours = count & ~3;
  for (let at = 0; at < fours; at += 4) {
    const four = v128.load(pixels + ((<usize>at) << 2));
    const first = i16x8.extend_low_i8x16_u(four);
    const second = i16x8.extend_high_i8x16_u(four);
    const both = i16x8.add(first, second);
    colours = i32x4.add(colours, i32x4.extend_low_i16x8_u(both));
    colours = i32x4.add(colours, i32x4.extend_high_i16x8_u(both));
    const left = i32x4.dot_i16x8_s(first, weights);
    const right = i32x4.dot_i16x8_s(second, weights);
    const values = i32x4.add(
      v128.shuffle<i32>(left, right, 0, 2, 4, 6),
      v128.shuffle<i32>(left, right, 1, 3, 5, 7),
    );
    v128.store(luminance + ((<usize>at) << 2), values);
    squares = i64x2.add(squares, i64x2.extmul_low_i32x4_s(values, values));
    squares = i64x2.add(squares, i64x2.extmul_high_i32x4_s(values, values));
  }
  let red: i64 = i32x4.extract_lane(colours, 0);
  let green: i64 = i32x4.extract_lane(colours, 1);
  let blue: i64 = i32x4.extract_lane(colours, 2);
  let square = i64x2.extract_lane(squares, 0) + i64x2.extract_lane(squares, 1);
  for (let at = fours; at < count; at++) {
    const pixel = pixels + ((<usize>at) << 2);
    const r: i64 = load<u8>(pixel);
    const g: i64 = load<u8>(pixel + 1);
    const b: i64 = load<u8>(pixel + 2);
    const value = 299 * r + 587 * g + 114 * b;
    store<i32>(luminance + ((<usize>at) << 2), <i32>value);
    red += r;
    green += g;
    blue += b;
    square += value * value;
  }
  store<i64>(sums, red);
  store<i64>(sums + 8, green);
  store<i64>(sums + 16, blue);
  store<i64>(sums + 24, square);
}

/** The 4-neighbour Laplacian of every pixel that has four neighbours. */
function sumEdges(luminance: usize, sums: usize, width: i32, height: i32): void {
  const row = (<usize>width) << 2;
  let edges = i64x2.splat(0);
  let squares = i64x2.splat(0);
  let edge: i64 = 0;
  let square: i64 = 0;
  for (let y = 1; y < height - 1; y++) {
    let at = luminance + <usize>y * row + 4;
    let x = 1;
    for (; x + 4 < width; x += 4) {
      const across = i32x4.add(v128.load(at - 4), v128.load(at + 4));
      const down = i32x4.add(v128.load(at - row), v128.load(at + row));
      const middle = i32x4.shl(v128.load(at), 2);
      const four = i32x4.sub(i32x4.add(across, down), middle);
      edges = i64x2.add(edges, i64x2.extend_low_i32x4_s(four));
      edges = i64x2.add(edges, i64x2.extend_high_i32x4_s(four));
      squares = i64x2.add(squares, i64x2.extmul_low_i32x4_s(four, four));
      squares = i64x2.add(squares, i64x2.extmul_high_i32x4_s(four, four));
      at += 16;
    }
    for (; x < width - 1; x++) {
      const across = load<i32>(at - 4) + load<i32>(at + 4);
      const down = load<i32>(at - row) + load<i32>(at + row);
      const value: i64 = across + down - 4 * load<i32>(at);
      edge += value;
      square += value * value;
      at += 4;
    }
  }
  store<i64>(sums, edge + i64x2.extract_lane(edges, 0) + i64x2.extract_lane(edges, 1));
  store<i64>(sums + 8, square + i64x2.extract_lane(squares, 0) + i64x2.extract_lane(squares, 1));
}
