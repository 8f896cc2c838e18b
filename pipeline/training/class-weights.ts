/**
 * The weight of each class in the loss. `balanced` gives every class the same total, with a mean of 1 over the rows:
 * rows / (classes × rows of the class).
 *
 * @param labels the class number of each training row.
 * @param classes number of classes.
 * @returns one weight per class; 0 for a class without rows if `balanced`.
 */
export function classWeightsOf(
  mode: 'none' | 'balanced',
  labels: Iterable<number>,
  classes: number,
): Float64Array {
  const counts = new Float64Array(classes);
  let rows = 0;
  for (const label of labels) {
    counts[label] = (counts[label] ?? 0) + 1;
    rows++;
  }
  if (mode === 'none') return counts.fill(1);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : rows / (present * count)));
}
