const largestSeed = 2 ** 31 - 1;

/**
 * A model's own seed and those that follow it; after the largest comes 1.
 *
 * @example seedsAfter(7, 3) // [7, 8, 9]
 */
export function seedsAfter(own: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => ((own - 1 + at) % largestSeed) + 1);
}
