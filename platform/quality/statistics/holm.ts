/**
 * Corrects p-values for how many there are, so that one of them falls below a level by chance alone no more often than
 * that (Holm, Scandinavian Journal of Statistics 6, 1979).
 *
 * @returns in the same order
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => at(pValues, a) - at(pValues, b));
  const corrected = pValues.map(() => 1);
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * at(pValues, index)));
    corrected[index] = highest;
  }
  return corrected;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 1;
}
