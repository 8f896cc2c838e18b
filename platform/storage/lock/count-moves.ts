import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../lib/hash.ts';
import { plural } from '../../lib/plural.ts';
import type { SplitDefinition, TableDefinition } from '../../schemas/define/index.ts';
import type { BlobStore, LockedDataset, PartName } from '../../schemas/index.ts';
import { readAllExamples } from './examples.ts';

/** How many examples of a lock are in the next lock too, and how many of these are in another split. */
export interface Moves {
  readonly kept: number;
  readonly moved: number;
  /** How many of these are in the test split now, and were not before. */
  readonly tested: number;
  /** How many of these are held back now, and were not before, and the reverse. */
  readonly heldBack: number;
  readonly opened: number;
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
  const counted = { kept: 0, moved: 0, tested: 0, heldBack: 0, opened: 0 };
  for (const [digest, splits] of await readSplits(store, after, after.split, table)) {
    const earlier = old.get(digest);
    if (!earlier) continue;
    counted.kept += 1;
    if ([...splits].every((split) => earlier.has(split))) continue;
    counted.moved += 1;
    const learnt = earlier.has('train') || earlier.has('validation');
    if (splits.has('test') && !earlier.has('test') && learnt) counted.tested += 1;
    if (splits.has('heldBack') && !earlier.has('heldBack')) counted.heldBack += 1;
    if (earlier.has('heldBack') && !splits.has('heldBack')) counted.opened += 1;
  }
  return counted;
}

/** What `lock` says about it. */
export function renderMoves(name: string, moves: Moves): string {
  const { kept, moved, tested, heldBack, opened } = moves;
  if (moved === 0) return `${name}: none of the ${plural(kept, 'earlier example')} changed split.`;
  const found = `${name}: ${moved} of ${plural(kept, 'earlier example')} changed split`;
  const test =
    tested > 0
      ? `${found}: the test now asks about ${tested} that earlier models were trained or validated on.`
      : `${found}, none of them into the test.`;
  const held = heldBack > 0 ? ` ${heldBack} are held back for promotions now.` : '';
  const open = opened > 0 ? ` ${opened} that were held back are not any more.` : '';
  return `${test}${held}${open}`;
}

async function readSplits(
  store: BlobStore,
  dataset: LockedDataset,
  split: SplitDefinition,
  table: TableDefinition | undefined,
): Promise<Map<Digest, Set<PartName>>> {
  const splits = new Map<Digest, Set<PartName>>();
  for (const example of await readAllExamples(store, dataset, { split, table, columns: [] })) {
    const known = splits.get(example.digest);
    if (known) known.add(example.split);
    else splits.set(example.digest, new Set([example.split]));
  }
  return splits;
}
