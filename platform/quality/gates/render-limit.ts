/** A value or a limit with at most four decimals: `0.92`, `20`. */
export function limitText(value: number): string {
  return String(Number(value.toFixed(4)));
}
