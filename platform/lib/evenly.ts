/**
 * At most `limit` of the values, evenly spaced, in their order: the same ones each time.
 *
 * @example evenly([1, 2, 3, 4, 5, 6], 3) // [1, 3, 5]
 */
export function evenly<T>(values: readonly T[], limit: number): T[] {
  return evenPlaces(values.length, limit).flatMap((place) => {
    const value = values[place];
    return value === undefined ? [] : [value];
  });
}

/**
 * The places of those among so many values.
 *
 * @example evenPlaces(6, 3) // [0, 2, 4]
 */
export function evenPlaces(length: number, limit: number): number[] {
  const count = Math.min(length, limit);
  return Array.from({ length: count }, (_, index) => Math.floor((index * length) / count));
}
