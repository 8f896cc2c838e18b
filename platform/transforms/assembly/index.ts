/*
 * Resizing of pictures with four bytes a pixel, in AssemblyScript on a memory that they import. They allocate nothing and
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
  for (let y = 0; y < height; y++) {
    const line = source + ((<usize>(y * width)) << 2);
    let to = rows + <usize>(y * stride);
    let weight = weights;
    for (let x = 0; x < size; x++) {
      let at = line + ((<usize>load<i32>(firsts + ((<usize>x) << 2))) << 2);
      let sum = half;
      for (let pair = 0; pair < pairs; pair++) {
        const two = i16x8.extend_low_i8x16_u(v128.load64_zero(at));
        const channels = v128.shuffle<i16>(two, two, 0, 4, 1, 5, 2, 6, 3, 7);
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(channels, v128.load32_splat(weight)));
        at += 8;
        weight += 4;
      }
      const shifted = i32x4.shr_s(sum, 10);
      v128.store64_lane(to, i16x8.narrow_i32x4_s(shifted, shifted), 0);
      to += 8;
    }
  }
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
  const half = i32x4.splat(1 << 17);
  let to = out;
  for (let y = 0; y < size; y++) {
    const first = rows + <usize>(load<i32>(firsts + ((<usize>y) << 2)) * stride);
    for (let x = 0; x < stride; x += 16) {
      let from = first + <usize>x;
      let weight = weights + ((<usize>(y * pairs)) << 2);
      let low = half;
      let high = half;
      for (let pair = 0; pair < pairs; pair++) {
        const above = v128.load(from);
        const below = v128.load(from + <usize>stride);
        const both = v128.load32_splat(weight);
        const left = v128.shuffle<i16>(above, below, 0, 8, 1, 9, 2, 10, 3, 11);
        const right = v128.shuffle<i16>(above, below, 4, 12, 5, 13, 6, 14, 7, 15);
        low = i32x4.add(low, i32x4.dot_i16x8_s(left, both));
        high = i32x4.add(high, i32x4.dot_i16x8_s(right, both));
        from += <usize>(2 * stride);
        weight += 4;
      }
      const words = i16x8.narrow_i32x4_s(i32x4.shr_s(low, 18), i32x4.shr_s(high, 18));
      v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
      to += 8;
    }
  }
}
