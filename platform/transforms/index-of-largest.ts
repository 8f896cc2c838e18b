/** Where the largest number stands; of equal ones the first. @example indexOfLargest([1, 3, 3]) // 1 */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  }
  return best;
}
