/**
 * What a photo is called whatever its format: its path without the ending.
 *
 * @example stemOf('good/field 1.jpeg') // 'good/field 1'
 */
export function stemOf(path: string): string {
  return path.replace(/\.[^./]*$/, '');
}
