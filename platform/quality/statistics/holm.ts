/**
 * Which of several tests show something, so that chance shows anything at all in at most `level` of the cases (Holm,
 * Scandinavian Journal of Statistics 6, 1979).
 *
 * @returns for each p-value whether it counts
 * @example holm([0.03, 0.01, 0.9], 0.05) // [false, true, false]: 0.01 ≤ 0.05 / 3, 0.03 > 0.05 / 2
 */
export function holm(pValues: readonly number[], level: number): boolean[] {
  const order = pValues.map((_, index) => index).sort((a, b) => at(a) - at(b));
  const first = order.findIndex((index, rank) => at(index) > level / (pValues.length - rank));
  const shown = new Set(first === -1 ? order : order.slice(0, first));
  return pValues.map((_, index) => shown.has(index));

  function at(index: number): number {
    return pValues[index] ?? 1;
  }
}
