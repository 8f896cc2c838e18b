import { MainstemError } from '../../platform/lib/errors.ts';
import type { DataLock } from '../../platform/schemas/index.ts';
import { diffLocks, lockProject, renderDataDiff } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { collectProject } from './collect.ts';
import { provideData } from './provide-data.ts';
import { recollects } from './recollects.ts';
import { pushIfRemote } from './transfer.ts';

/** A lock that differs from the committed one. */
export interface LockChange {
  readonly lock: DataLock;
  /** What has changed: for each dataset counts, classes, and a few paths. */
  readonly diff: string;
}

/**
 * Collects on top of the locked data, locks, and pushes to the remote; null if the lock stays as it is.
 *
 * @throws what {@link provideData} throws, COLLECT_MISSING; COLLECT_UNREACHABLE if there is no remote and whoever has
 *   the new lock could not collect the same data
 */
export async function collectAndLock(
  context: ProjectContext,
  { harvest, remote }: { readonly harvest: string; readonly remote: string },
): Promise<LockChange | null> {
  const { workspace, store, project } = context;
  await provideData(context, remote);
  await collectProject(context, harvest || undefined);
  const lock = await lockProject(workspace, store, project);
  const diff = await diffLocks(store, context.lock, lock);
  if (Object.keys(diff.datasets).length === 0) return null;
  const pushed = await pushIfRemote(context, lock, remote);
  if (!pushed && !(await recollects(context, lock))) {
    throw new MainstemError('COLLECT_UNREACHABLE', { name: project.definition.name });
  }
  return { lock, diff: renderDataDiff(diff) };
}
