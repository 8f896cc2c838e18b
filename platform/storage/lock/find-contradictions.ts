import { lockFile } from '../../lib/layout.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import type { BlobStore, LockedDataset, ManifestEntry } from '../../schemas/index.ts';
import { leavesOf } from './leaves-of.ts';
import { describeDataset } from './lock.ts';

/**
 * Where a dataset's entry in `data.lock.json` says something other than its own files and project.ts give: counts, sizes
 * and splits stand there for people to read, and nobody but this looks whether an edit or a merge made them wrong.
 *
 * @param files as the locked manifest lists them.
 * @returns a sentence for each; empty if the entry is what `lock` would write.
 * @throws MainstemError DATA_INVALID, STORE_MISSING if the store lacks the table or the metadata
 * @example await findContradictions(store, project, dataset, { locked, files })
 * // ['data.lock.json says files 5, but it is 6']
 */
export async function findContradictions(
  store: BlobStore,
  project: Project,
  dataset: DatasetDefinition,
  { locked, files }: { readonly locked: LockedDataset; readonly files: readonly ManifestEntry[] },
): Promise<string[]> {
  const { task, backbone } = project.definition;
  const single = task.startsWith('tabular') || dataset.path === backbone?.path;
  const found = await describeDataset(store, project, dataset, {
    kind: single ? 'table' : 'images',
    digest: locked.digest,
    entries: () => [...files],
  });
  // Where it is, `status` says already; earlier versions did not write the split.
  const { path: _path, split, ...expected } = found.locked;
  const { path: _lockedPath, split: lockedSplit, ...recorded } = locked;
  const [before, after] = [
    leavesOf({ ...recorded, ...(lockedSplit && { split: lockedSplit }) }),
    leavesOf({ ...expected, ...(lockedSplit && { split }) }),
  ];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => {
      const [says, is] = [before.get(name) ?? 'nothing', after.get(name) ?? 'not there'];
      return `${lockFile} says ${name} ${says}, but it is ${is}`;
    });
}
