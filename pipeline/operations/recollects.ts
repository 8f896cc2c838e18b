import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { addWorkingTree } from '../../platform/lib/add-working-tree.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { git } from '../../platform/lib/git.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { DataLock } from '../../platform/schemas/index.ts';
import { lockedOf, lockProject, openStore } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { collectTable } from './collect-table.ts';

/** What a collection lacks that did not make everything: another machine has the rest. */
const unmade: ReadonlySet<string> = new Set([
  ...['DATA_MISSING', 'DATA_INVALID', 'FILE_UNREADABLE'],
  ...['PREDICTIONS_MISSING', 'FEEDBACK_MISSING'],
]);

/**
 * Whether a fresh checkout of the commit that is checked out would collect exactly what a lock names. It is tried: a
 * `collect` may add to what is there, or take what a website shows today.
 */
export async function recollects(context: ProjectContext, lock: DataLock): Promise<boolean> {
  const { workspace, project } = context;
  const root = await mkdtemp(join(tmpdir(), 'mainstem-collect-'));
  await addWorkingTree(workspace.root, root, 'HEAD');
  try {
    const fresh = { ...workspace, root, reporter: silentReporter };
    const store = openStore(root);
    const folder = join(root, relative(workspace.root, project.folder));
    await collectTable({ workspace: fresh, project: { ...project, folder }, lock, store });
    const found = await lockProject(fresh, store, project);
    return lockedOf(project).every(({ name }) => {
      const [wanted, made] = [lock, found].map(({ datasets }) => ownValue(datasets, name)?.digest);
      return wanted === made;
    });
  } catch (error) {
    if (isMainstemError(error) && unmade.has(error.code)) return false;
    throw error;
  } finally {
    await git(workspace.root, 'worktree', 'remove', '--force', '--end-of-options', root);
    await rm(root, { recursive: true, force: true });
  }
}
