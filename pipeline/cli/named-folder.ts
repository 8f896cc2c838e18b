import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';

/**
 * The folder that was typed, which must be there: a slip of a letter would look like a folder without anything in it. The usual one
 * may be missing, since it is made by who first writes into it.
 *
 * @throws MainstemError FILE_UNREADABLE
 */
export function namedFolder(typed: string | true | undefined, root: string, usual: string): string {
  if (typeof typed !== 'string') return resolve(root, usual);
  const found = statSync(typed, { throwIfNoEntry: false });
  if (found?.isDirectory()) return resolve(typed);
  const reason = found ? 'ENOTDIR' : 'ENOENT';
  throw new MainstemError('FILE_UNREADABLE', { path: typed, reason });
}
