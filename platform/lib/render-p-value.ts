/**
 * A p-value for a sentence.
 *
 * @example renderPValue(0.03125) // 'p = 0.031'
 * @example renderPValue(0.00001) // 'p < 0.0001'
 */
export function renderPValue(pValue: number): string {
  return pValue < 0.0001 ? 'p < 0.0001' : `p = ${pValue.toPrecision(2)}`;
}
