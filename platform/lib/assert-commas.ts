import { MainstemError } from './errors.ts';

const otherSeparators = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/**
 * Checks that a CSV file is one of commas, by its first line. Said before parsing: decimal commas would make rows of unequal
 * length of a file that has semicolons, as spreadsheets of many countries save it.
 *
 * @throws MainstemError INIT_SEPARATOR
 */
export function assertCommas(content: Buffer, path: string): void {
  const [line = ''] = content.toString('latin1', 0, 65_536).split(/[\r\n]/, 1);
  const names = line.replace(/"[^"]*"/g, '');
  const count = (separator: string) => names.split(separator).length - 1;
  for (const [separator, words] of Object.entries(otherSeparators)) {
    if (count(separator) <= count(',')) continue;
    throw new MainstemError('INIT_SEPARATOR', { from: path, separator: words });
  }
}
