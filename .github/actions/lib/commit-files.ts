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

/** Puts one commit on top of `parent` and points the branch at it. @returns its SHA */
export async function commitFiles(github: GitHub, commit: ApiCommit): Promise<string> {
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
  await pointBranch(github, commit, made.data.sha);
  return made.data.sha;
}

async function pointBranch(github: GitHub, commit: ApiCommit, sha: string): Promise<void> {
  const { git } = github.rest;
  const ref = `heads/${commit.branch}`;
  const force = commit.replace ?? false;
  try {
    await git.updateRef({ ...context.repo, ref, sha, force });
  } catch (error) {
    const missing =
      error instanceof Error && 'status' in error && [404, 422].includes(Number(error.status));
    if (!force || !missing) throw error;
    await git.createRef({ ...context.repo, ref: `refs/${ref}`, sha });
  }
}
