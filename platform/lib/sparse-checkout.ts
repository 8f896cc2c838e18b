import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MainstemError } from './errors.ts';
import { gitEnvironment } from './git-environment.js';

/** The tag of a file that git has and does not check out (git-ls-files(1), `-t`). */
const skipped = 'S';

/** A file that git has of a path, and its tag. */
export interface TaggedFile {
  readonly tag: string;
  /** From the repository's folder. */
  readonly path: string;
}

/** The files that git has at a path or below it, with their tags; none if it has none, or is not there. */
export function taggedFiles(root: string, path: string): TaggedFile[] {
  const args = ['--literal-pathspecs', 'ls-files', '-t', '-z', '--', path];
  const place = {
    cwd: root,
    env: gitEnvironment(root),
    timeout: 5000,
    maxBuffer: 2 ** 28,
  } as const;
  try {
    const listed = execFileSync('git', args, { ...place, stdio: ['ignore', 'pipe', 'ignore'] });
    return listed
      .toString('utf8')
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => ({ tag: entry.slice(0, 1), path: entry.slice(2) }));
  } catch {
    return [];
  }
}

/** Whether a file is left out of the working tree by a sparse checkout. */
export const isLeftOut = ({ tag }: TaggedFile): boolean => tag === skipped;

/**
 * Refuses a working tree from which a sparse checkout of git leaves out a file, or any of a folder: what is not there would be
 * taken for deleted, or for never having been.
 *
 * @param path from the repository's folder
 * @throws MainstemError GIT_SPARSE
 */
export function assertCheckedOut(root: string, path: string): void {
  if (!hasPatterns(root)) return;
  const file = taggedFiles(root, path).find(isLeftOut);
  const folder = path.split('/', 1).join();
  if (file) throw new MainstemError('GIT_SPARSE', { path: file.path, folder });
}

/** Whether a sparse checkout was ever set up in this working tree: asking git costs a process. */
function hasPatterns(root: string): boolean {
  return existsSync(join(gitFolder(root), 'info', 'sparse-checkout'));
}

/** Git's folder of this working tree; of a linked one (git-worktree(1)) or a submodule a file names it. */
function gitFolder(root: string): string {
  const path = join(root, '.git');
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const [, named = ''] = /^gitdir: (.+)/.exec(readFileSync(path, 'utf8')) ?? [];
  return resolve(root, named);
}
