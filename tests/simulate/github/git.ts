import { spawnSync } from 'node:child_process';

/** What a git command needs beside its arguments. */
export interface GitInput {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

const identity = {
  GIT_AUTHOR_NAME: 'GitHub',
  GIT_AUTHOR_EMAIL: 'noreply@github.com',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

/**
 * Runs git in a repository and waits for it: each change of the stand-in is one step that no request can interrupt.
 *
 * @returns what it printed, without the last line break.
 * @throws Error with what git said
 */
export function git(repository: string, args: readonly string[], more: GitInput = {}): string {
  return gitBytes(repository, args, more).toString('utf8').trim();
}

/** The same for output that may not be text. @throws Error with what git said */
export function gitBytes(repository: string, args: readonly string[], more: GitInput = {}): Buffer {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: repository,
    input: more.input ?? '',
    env: { ...process.env, ...identity, ...more.env },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`git ${args.join(' ')} ended with ${status}: ${stderr?.toString().trim()}`);
}

/** Null where git ends with an error: a revision or a path that is not there. */
export function tryGit(repository: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, {
    cwd: repository,
    env: { ...process.env, ...identity },
    maxBuffer: 256 * 1024 * 1024,
  });
  return status === 0 ? stdout.toString('utf8').trim() : null;
}

/** The full SHA of a revision, or null. */
export function shaOf(repository: string, revision: string): string | null {
  return tryGit(repository, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
}

/** Whether `older` is an ancestor of `newer`. */
export function isAncestor(repository: string, older: string, newer: string): boolean {
  return tryGit(repository, ['merge-base', '--is-ancestor', older, newer]) !== null;
}

/** Paths that differ between two trees. */
export function changedPaths(repository: string, from: string, to: string): string[] {
  const listed = git(repository, ['diff', '--name-only', '--no-renames', '-z', from, to]);
  return listed.split('\0').filter(Boolean);
}
