import { context } from './event.ts';
import type { GitHub } from './github.ts';

/** A file's new text; or bytes that the repository already holds; null removes the file. */
export type CommittedFile =
  | string
  | { readonly blob: string; readonly mode: '100644' | '100755' | '120000' }
  | null;

/** A commit made through the API, so that no job needs a clone with write access. */
export interface ApiCommit {
  readonly branch: string;
  /** The commit to build on. */
  readonly parent: string;
  /**
   * The branch's head, if it is another one than `parent`: it becomes the first of two parents, so that nothing has to
   * be forced and a commit that somebody pushes meanwhile is never lost.
   */
  readonly head?: string;
  readonly message: string;
  /** By path; without any, the commit changes nothing. */
  readonly files: Readonly<Record<string, CommittedFile>>;
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
  const made = await git.createCommit({
    ...context.repo,
    message: commit.message,
    tree: await createTree(github, parent.data.tree.sha, commit.files),
    parents: commit.head ? [commit.head, commit.parent] : [commit.parent],
  });
  return (await pointBranch(github, commit, made.data.sha)) ? made.data.sha : null;
}

/** GitHub refuses a tree without entries. */
async function createTree(github: GitHub, base: string, files: ApiCommit['files']) {
  const entries = Object.entries(files).map(([path, file]) => treeEntry(path, file));
  if (entries.length === 0) return base;
  const tree = { ...context.repo, base_tree: base, tree: entries };
  return (await github.rest.git.createTree(tree)).data.sha;
}

function treeEntry(path: string, file: CommittedFile) {
  const plain = { path, mode: '100644' as const, type: 'blob' as const };
  if (typeof file === 'string') return { ...plain, content: file };
  return file === null ? { ...plain, sha: null } : { ...plain, mode: file.mode, sha: file.blob };
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
