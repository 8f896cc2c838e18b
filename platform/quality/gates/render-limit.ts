/**
 * A value or a limit with at most four decimals.
 *
 * @example renderLimit(0.123456) // '0.1235'
 * @example renderLimit(20) // '20'
 */
export function renderLimit(value: number): string {
  return String(Number(value.toFixed(4)));
}
