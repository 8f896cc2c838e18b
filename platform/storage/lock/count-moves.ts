import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../lib/hash.ts';
import { plural } from '../../lib/plural.ts';
import type { SplitDefinition, TableDefinition } from '../../schemas/define/index.ts';
import type { BlobStore, LockedDataset, SplitName } from '../../schemas/index.ts';
import { readExamples } from './examples.ts';

/** How many examples of a lock are in the next lock too, and how many of these are in another split. */
export interface Moves {
  readonly kept: number;
  readonly moved: number;
  /** How many of these are in the test split now, and were not before. */
  readonly tested: number;
}

/**
 * Counts the examples that changed split between two locks of a dataset.
 *
 * @returns null where nothing can have moved, or where nobody can tell: an earlier version made the lock, or the store
 *   lacks its data.
 */
export async function countMoves(
  store: BlobStore,
  before: LockedDataset | undefined,
  after: LockedDataset,
  table: TableDefinition | undefined,
): Promise<Moves | null> {
  if (!before?.split || !after.split) return null;
  if (before.digest === after.digest && isDeepStrictEqual(before.split, after.split)) return null;
  const old = await readSplits(store, before, before.split, table).catch(() => null);
  if (!old) return null;
  let [kept, moved, tested] = [0, 0, 0];
  for (const [digest, splits] of await readSplits(store, after, after.split, table)) {
    const earlier = old.get(digest);
    if (!earlier) continue;
    kept += 1;
    if ([...splits].every((split) => earlier.has(split))) continue;
    moved += 1;
    if (splits.has('test') && !earlier.has('test')) tested += 1;
  }
  return { kept, moved, tested };
}

/** What `lock` says about it. */
export function renderMoves(name: string, { kept, moved, tested }: Moves): string {
  if (moved === 0) return `${name}: none of the ${plural(kept, 'earlier example')} changed split.`;
  const found = `${name}: ${moved} of ${plural(kept, 'earlier example')} changed split`;
  return tested > 0
    ? `${found}: the test now asks about ${tested} that earlier models were trained or validated on.`
    : `${found}, none of them into the test.`;
}

async function readSplits(
  store: BlobStore,
  dataset: LockedDataset,
  split: SplitDefinition,
  table: TableDefinition | undefined,
): Promise<Map<Digest, Set<SplitName>>> {
  const splits = new Map<Digest, Set<SplitName>>();
  for (const example of await readExamples(store, dataset, { split, table, columns: [] })) {
    const known = splits.get(example.digest);
    if (known) known.add(example.split);
    else splits.set(example.digest, new Set([example.split]));
  }
  return splits;
}
