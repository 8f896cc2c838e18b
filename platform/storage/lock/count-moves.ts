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
  let [kept, moved] = [0, 0];
  for (const [digest, splits] of await readSplits(store, after, after.split, table)) {
    const earlier = old.get(digest);
    if (!earlier) continue;
    kept += 1;
    if (![...splits].every((split) => earlier.has(split))) moved += 1;
  }
  return { kept, moved };
}

/** What `lock` says about it. */
export function renderMoves(name: string, { kept, moved }: Moves): string {
  if (moved === 0) return `${name}: none of the ${plural(kept, 'earlier example')} changed split.`;
  return (
    `${name}: ${moved} of ${plural(kept, 'earlier example')} changed split: ` +
    'the test now asks about some that earlier models were trained on.'
  );
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
