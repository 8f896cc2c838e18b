import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { MainstemError } from './errors.ts';
import { gitEnvironment } from './git-environment.js';
import { printable } from './printable.ts';

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
  if (!isGone || typeof path !== 'string' || !isInIndex(resolve(root, path), root))
    return error.hint;
  return `${error.hint} It comes back with "git checkout -- ${quoted(printable(path))}".`;
}

/** Whether git has a version of the file to check out. */
function isInIndex(path: string, root: string): boolean {
  try {
    const place = { cwd: root, env: gitEnvironment(root), stdio: 'ignore', timeout: 5000 } as const;
    execFileSync('git', ['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', path], place);
    return true;
  } catch {
    return false;
  }
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
