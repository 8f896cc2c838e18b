/** Values in a SIMD register. */
export const lanes: i32 = 4;

/** Values in one unit of what is done value by value. */
export const unitValues: i32 = 1024;

/**
 * acc + a × b for four values, rounded twice, as every processor can. In the fused build it is rounded once; that is only used
 * where the processor does so, which start.ts makes sure of.
 */
export function multiplyAdd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** Adds four values to those in memory. */
export function accumulate(address: usize, value: v128): void {
  v128.store(address, f32x4.add(v128.load(address), value));
}

/** The sum of the four values, pairwise. */
export function sumLanes(value: v128): f32 {
  const left: f32 = f32x4.extract_lane(value, 0) + f32x4.extract_lane(value, 1);
  const right: f32 = f32x4.extract_lane(value, 2) + f32x4.extract_lane(value, 3);
  return left + right;
}

/** Size in bytes of this many float32 values. */
export function bytesOf(count: i32): usize {
  return (<usize>count) << 2;
}
