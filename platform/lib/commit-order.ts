import { git, isObjectName, otherwise } from './git.ts';

/** Two commits, and how one that is not here comes. */
export interface CommitPair {
  readonly commit: string;
  readonly than: string;
  /** Brings a commit from elsewhere, if it still exists there. */
  readonly fetch: (commit: string) => Promise<void>;
}

/**
 * Whether a commit comes before another one in history; a commit does not come before itself.
 *
 * @returns null where the other one is nowhere: history was rewritten, or it is the name of no commit
 */
export async function isOlderCommit(
  root: string,
  { commit, than, fetch }: CommitPair,
): Promise<boolean | null> {
  if (commit === than) return false;
  // It may come from elsewhere, and be called anything: also as a branch or an option of git.
  if (!isObjectName(than)) return null;
  const isHere = () =>
    git(root, 'cat-file', '-e', '--end-of-options', `${than}^{commit}`).then(
      () => true,
      otherwise(false),
    );
  if (!(await isHere())) await fetch(than).catch(otherwise(undefined));
  if (!(await isHere())) return null;
  return (
    (await git(root, 'merge-base', '--end-of-options', commit, than).catch(otherwise(''))) ===
    commit
  );
}
