import { resolve } from 'node:path';
import type { MainstemError } from './errors.ts';
import { printable } from './printable.ts';
import { isLeftOut, taggedFiles } from './sparse-checkout.ts';

/**
 * How to fix an error, for a person at the root of the repository: its hint, and for a file that is gone the command that
 * brings it back, if git has it.
 *
 * @param root the repository's folder
 * @example advise(error, root) // 'Check the path. It comes back with "git checkout -- platform.json".'
 */
export function advise(error: MainstemError, root: string): string {
  const { path, reason } = error.details;
  const isGone = error.code === 'FILE_UNREADABLE' && reason === 'ENOENT';
  if (!isGone || typeof path !== 'string') return error.hint;
  const files = taggedFiles(root, resolve(root, path));
  if (files.length === 0) return error.hint;
  if (files.every(isLeftOut)) {
    return `${error.hint} A sparse checkout of git leaves it out: "git sparse-checkout disable" brings all of it.`;
  }
  return `${error.hint} It comes back with "git checkout -- ${quoted(printable(path))}".`;
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
