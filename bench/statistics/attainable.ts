/** So many tests an interval may miss the truth in on each side of it. */
const side = 0.025;

/**
 * The least that an interval can be held whose ends rise with the value and which lies above the truth in at most 2.5 % of tests and below
 * it in at most 2.5 %: of the values that a test may have it can leave out those at either end that are no likelier together. Where
 * one value is likelier than that, say a perfect one, it must hold the truth on that side always, and no such interval is held less
 * than 97.5 %.
 *
 * @param values of as many tests @example leastHeld([1, 1, 1, 1]) // 1
 */
export function leastHeld(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) {
    // Equal but for rounding.
    const key = Math.round(value * 1e9);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rising = [...counts].sort(([a], [b]) => a - b).map(([, count]) => count);
  const left = leftOut(rising, side * values.length);
  const right = leftOut(rising.toReversed(), side * values.length);
  return 1 - (left + right) / values.length;
}

function leftOut(counts: readonly number[], most: number): number {
  let sum = 0;
  for (const count of counts) {
    if (sum + count > most) break;
    sum += count;
  }
  return sum;
}
