import { context } from '@actions/github';
import type { GitHub } from './pull-request.ts';

/** A commit made through the API, so that no job needs a clone with write access. */
export interface ApiCommit {
  readonly branch: string;
  /** The commit to build on. */
  readonly parent: string;
  readonly message: string;
  /** Path → text of the file. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * True creates the branch if it is missing and replaces its content; false fails if the branch has moved on from
   * `parent`, so that nothing is lost. @default false
   */
  readonly replace?: boolean;
}

/**
 * Puts one commit on top of `parent` and points the branch at it.
 *
 * @returns its SHA; null if the branch has moved on from `parent` meanwhile, which is a normal race
 */
export async function commitFiles(github: GitHub, commit: ApiCommit): Promise<string | null> {
  const { git } = github.rest;
  const parent = await git.getCommit({ ...context.repo, commit_sha: commit.parent });
  const tree = await git.createTree({
    ...context.repo,
    base_tree: parent.data.tree.sha,
    tree: Object.entries(commit.files).map(([path, content]) => ({
      path,
      content,
      mode: '100644' as const,
      type: 'blob' as const,
    })),
  });
  const made = await git.createCommit({
    ...context.repo,
    message: commit.message,
    tree: tree.data.sha,
    parents: [commit.parent],
  });
  return (await pointBranch(github, commit, made.data.sha)) ? made.data.sha : null;
}

async function pointBranch(github: GitHub, commit: ApiCommit, sha: string): Promise<boolean> {
  const { git } = github.rest;
  const ref = `heads/${commit.branch}`;
  const force = commit.replace ?? false;
  try {
    await git.updateRef({ ...context.repo, ref, sha, force });
  } catch (error) {
    // GitHub answers 422 for a branch that is not there, and for one that has moved on.
    const refused =
      error instanceof Error && 'status' in error && [404, 422].includes(Number(error.status));
    if (!refused) throw error;
    if (!force) return false;
    await git.createRef({ ...context.repo, ref: `refs/${ref}`, sha });
  }
  return true;
}
