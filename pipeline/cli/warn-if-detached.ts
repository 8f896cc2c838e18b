import { currentBranch } from '../../platform/lib/git.ts';
import { abbreviate } from '../../platform/lib/text.ts';
import type { Workspace } from '../../platform/schemas/index.ts';

/** Says that a commit was made on a detached HEAD, where the next `git switch` would leave it behind. */
export async function warnIfDetached(
  { root, reporter }: Workspace,
  commit: string | null,
): Promise<void> {
  if (commit === null || (await currentBranch(root)) !== null) return;
  reporter.warn(
    `HEAD is detached, so commit ${abbreviate(commit)} is on no branch: keep it with "git switch --create <branch>".`,
  );
}
