import { isMainstemError } from '../../platform/lib/errors.ts';
import { fileAt, git, otherwise } from '../../platform/lib/git.ts';
import { lockFile } from '../../platform/lib/layout.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { recordPath } from '../../platform/registry/index.ts';
import { DataLock, type ModelRecord } from '../../platform/schemas/index.ts';
import { type DataDiff, diffLocks, pickDatasets } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';

/** What changed in the project's datasets since the champion; null where its lock is not in git. */
export async function dataSince(
  context: ProjectContext,
  champion: ModelRecord,
): Promise<DataDiff | null> {
  const before = await lockOf(context.workspace.root, champion);
  if (!before) return null;
  const names = new Set(Object.keys(champion.data));
  return diffLocks(
    context.store,
    pickDatasets(before, names),
    pickDatasets(context.lock, names),
  ).catch((error: unknown) => {
    // A fresh clone has no manifest of the champion's data; the report then says nothing about it.
    if (isMainstemError(error, 'STORE_MISSING')) return null;
    throw error;
  });
}

/** The data.lock.json of the commit that promoted the record; null where it is not in git. */
export async function lockOf(
  root: string,
  { model, run }: Pick<ModelRecord, 'model' | 'run'>,
): Promise<DataLock | null> {
  const path = recordPath(model, run);
  const added = await git(root, 'log', '--diff-filter=A', '--format=%H', '-1', '--', path).catch(
    otherwise(''),
  );
  if (added === '') return null;
  const text = await fileAt(root, added, lockFile);
  return text === null ? null : parseVersioned(text, DataLock, `${added}:${lockFile}`);
}
