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
  if (!isGone || typeof path !== 'string') return error.hint;
  const tags = tagsOf(resolve(root, path), root);
  if (tags.length === 0) return error.hint;
  if (tags.every((tag) => tag === skipped)) {
    return `${error.hint} A sparse checkout of git leaves it out: "git sparse-checkout disable" brings all of it.`;
  }
  return `${error.hint} It comes back with "git checkout -- ${quoted(printable(path))}".`;
}

/** The tag of a file that git has and does not check out (git-ls-files(1), `-t`). */
const skipped = 'S';

/** The tag of each version that git has of a file, or of the files of a folder; none if it has none to check out. */
function tagsOf(path: string, root: string): string[] {
  const args = ['--literal-pathspecs', 'ls-files', '-t', '-z', '--', path];
  const place = { cwd: root, env: gitEnvironment(root), timeout: 5000 } as const;
  try {
    const listed = execFileSync('git', args, { ...place, stdio: ['ignore', 'pipe', 'ignore'] });
    return listed
      .toString('latin1')
      .split('\0')
      .flatMap((entry) => entry.slice(0, 1) || []);
  } catch {
    return [];
  }
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
