import { isDeepStrictEqual } from 'node:util';
import { type Static, Type } from 'typebox';
import { countBy } from '../../lib/count-by.ts';
import { dictionary } from '../../lib/dictionary.ts';
import type { Digest } from '../../lib/hash.ts';
import { ownValue } from '../../lib/own-value.ts';
import type { BlobStore, DataLock, LockedDataset, ManifestEntry } from '../../schemas/index.ts';
import { readManifest } from './manifest.ts';

const Counts = dictionary(Type.Integer());

/** What changed in one dataset. */
export const DatasetDiff = Type.Object({
  added: Type.Array(Type.String()),
  removed: Type.Array(Type.String()),
  /** Same path, different bytes. */
  modified: Type.Array(Type.String()),
  /** Same bytes and file name, different class folder. */
  relabelled: Type.Array(
    Type.Object({
      from: Type.String(),
      to: Type.String(),
    }),
  ),
  /** Examples per class over all splits; `before` is empty for a new dataset. */
  classes: Type.Object({ before: Counts, after: Counts }),
});
export type DatasetDiff = Static<typeof DatasetDiff>;

/** The datasets that differ, by name. */
export const DataDiff = Type.Object({ datasets: dictionary(DatasetDiff) });
export type DataDiff = Static<typeof DataDiff>;

/** Compares two locks file by file. @throws MainstemError STORE_MISSING if the store lacks a manifest */
export async function diffLocks(
  store: BlobStore,
  before: DataLock,
  after: DataLock,
): Promise<DataDiff> {
  const names = new Set([...Object.keys(before.datasets), ...Object.keys(after.datasets)]);
  const diff: DataDiff = { datasets: {} };
  for (const name of [...names].sort()) {
    const [old, fresh] = [before, after].map(({ datasets }) => ownValue(datasets, name));
    if (old?.digest === fresh?.digest && isDeepStrictEqual(old?.splits, fresh?.splits)) continue;
    const [oldFiles, freshFiles] = await Promise.all([filesOf(store, old), filesOf(store, fresh)]);
    diff.datasets[name] = {
      ...diffFiles(oldFiles, freshFiles),
      classes: { before: classCounts(old), after: classCounts(fresh) },
    };
  }
  return diff;
}

/** Compares two lists of files. */
export function diffFiles(
  before: readonly ManifestEntry[],
  after: readonly ManifestEntry[],
): Omit<DatasetDiff, 'classes'> {
  if (before.length === 0) {
    return { added: after.map(({ path }) => path), removed: [], modified: [], relabelled: [] };
  }
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const fresh = new Map(after.map((entry) => [entry.path, entry]));
  const gone = before.filter(({ path }) => !fresh.has(path));
  const came = after.filter(({ path }) => !old.has(path));
  const relabelled = pairMoves(gone, came);
  const moved = new Set(relabelled.flatMap(({ from, to }) => [from, to]));
  const unmoved = (entries: readonly ManifestEntry[]) =>
    entries.map(({ path }) => path).filter((path) => !moved.has(path));
  return {
    added: unmoved(came),
    removed: unmoved(gone),
    modified: after
      .filter(({ path, digest }) => old.has(path) && old.get(path)?.digest !== digest)
      .map(({ path }) => path),
    relabelled,
  };
}

/** Examples per class over all splits. */
export function classCounts(dataset: LockedDataset | undefined): Record<string, number> {
  const splits = Object.values(dataset?.splits ?? {}).flatMap((split) => Object.entries(split));
  return countBy(
    splits,
    ([label]) => label,
    ([, count]) => count,
  );
}

function pairMoves(
  gone: readonly ManifestEntry[],
  came: readonly ManifestEntry[],
): DatasetDiff['relabelled'] {
  if (gone.length === 0) return [];
  // Backwards, since the last is taken at once, and the first only by moving all others: many files may be alike.
  const waiting = Map.groupBy(came.toReversed(), ({ digest, path }) => moveKey(digest, path));
  return gone.flatMap(({ path, digest }) => {
    const to = waiting.get(moveKey(digest, path))?.pop();
    return to && labelOf(to.path) !== labelOf(path) ? [{ from: path, to: to.path }] : [];
  });
}

function moveKey(digest: Digest, path: string): string {
  return `${digest} ${path.slice(path.lastIndexOf('/') + 1)}`;
}

function labelOf(path: string): string {
  return path.split('/').at(-2) ?? '';
}

async function filesOf(
  store: BlobStore,
  dataset: LockedDataset | undefined,
): Promise<ManifestEntry[]> {
  return dataset ? readManifest(store, dataset) : [];
}
