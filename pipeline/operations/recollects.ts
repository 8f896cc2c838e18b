import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addWorkingTree } from '../../platform/lib/add-working-tree.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { git } from '../../platform/lib/git.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { DataLock } from '../../platform/schemas/index.ts';
import { datasetsOf, lockProject, openStore } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { collectProject } from './collect.ts';

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
    await collectProject({ workspace: fresh, project, lock, store });
    const found = await lockProject(fresh, store, project);
    return datasetsOf(project).every(({ name }) => {
      const [wanted, made] = [lock, found].map(({ datasets }) => ownValue(datasets, name)?.digest);
      return wanted === made;
    });
  } catch (error) {
    if (isMainstemError(error, 'DATA_MISSING') || isMainstemError(error, 'DATA_INVALID')) {
      return false;
    }
    throw error;
  } finally {
    await git(workspace.root, 'worktree', 'remove', '--force', root);
    await rm(root, { recursive: true, force: true });
  }
}
