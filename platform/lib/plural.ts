/**
 * A count with its unit, which takes an `s` unless the count is 1.
 *
 * @example plural(1, 'file') // '1 file'
 * @example plural(0, 'file') // '0 files'
 */
export function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
