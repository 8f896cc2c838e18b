/**
 * At most `limit` of the values, evenly spaced, in their order: the same ones each time.
 *
 * @example evenly([1, 2, 3, 4, 5, 6], 3) // [1, 3, 5]
 */
export function evenly<T>(values: readonly T[], limit: number): T[] {
  if (values.length <= limit) return [...values];
  return Array.from({ length: limit }, (_, index) =>
    Math.floor((index * values.length) / limit),
  ).flatMap((position) => {
    const value = values[position];
    return value === undefined ? [] : [value];
  });
}
