import { MainstemError } from './errors.ts';
import { findSeparator } from './find-separator.ts';

/**
 * Checks that a CSV file is one of commas, by its first line. Said before parsing, which would find rows of unequal length.
 *
 * @throws MainstemError INIT_SEPARATOR
 */
export function assertCommas(content: Buffer, path: string): void {
  const found = findSeparator(content);
  if (found) throw new MainstemError('INIT_SEPARATOR', { from: path, separator: found.words });
}
