/**
 * How many of rising numbers are below a limit.
 *
 * @example countBelow(Float64Array.of(1, 2, 2, 5), 2) // 1
 */
export function countBelow(rising: Float64Array, limit: number): number {
  let [from, to] = [0, rising.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rising[middle] ?? 0) < limit) from = middle + 1;
    else to = middle;
  }
  return from;
}
