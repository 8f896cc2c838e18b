import { git, otherwise } from './git.ts';

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
 * @returns null where the other one is nowhere: history was rewritten
 */
export async function isOlderCommit(
  root: string,
  { commit, than, fetch }: CommitPair,
): Promise<boolean | null> {
  if (commit === than) return false;
  const isHere = () =>
    git(root, 'cat-file', '-e', `${than}^{commit}`).then(() => true, otherwise(false));
  if (!(await isHere())) await fetch(than).catch(otherwise(undefined));
  if (!(await isHere())) return null;
  return (await git(root, 'merge-base', commit, than).catch(otherwise(''))) === commit;
}
