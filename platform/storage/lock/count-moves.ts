import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../lib/hash.ts';
import { plural } from '../../lib/plural.ts';
import type { SplitDefinition, TableDefinition } from '../../schemas/define/index.ts';
import type { BlobStore, LockedDataset, PartName } from '../../schemas/index.ts';
import { readAllExamples } from './examples.ts';
import { traceOf } from './mark-held-back.ts';

/** How many examples of a lock are in the next lock too, and how many of these are in another split. */
export interface Moves {
  readonly kept: number;
  /** How many of these have changed, and were recognised by what has not: the columns of a table's features, a photo's name. */
  readonly changed: number;
  readonly moved: number;
  /** How many of these are in the test split now, and were in training or validation before. */
  readonly tested: number;
  /** How many of these are held back now, and were not before; and of them those that were tested before. */
  readonly heldBack: number;
  readonly heldBackOfTest: number;
  /** How many of these were held back and are not any more; and of them those that are in the test split now. */
  readonly opened: number;
  readonly openedIntoTest: number;
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
  const now = await readSplits(store, after, after.split, table);
  const changed = await findChanged(store, { before, after, table }, { old, now });
  const counted = {
    ...{ kept: 0, changed: 0, moved: 0, tested: 0 },
    ...{ heldBack: 0, heldBackOfTest: 0, opened: 0, openedIntoTest: 0 },
  };
  for (const [digest, splits] of now) {
    const earlier = old.get(digest) ?? changed.get(digest);
    if (!earlier) continue;
    counted.kept += 1;
    if (!old.has(digest)) counted.changed += 1;
    if ([...splits].every((split) => earlier.has(split))) continue;
    counted.moved += 1;
    const learnt = earlier.has('train') || earlier.has('validation');
    const entersTest = splits.has('test') && !earlier.has('test');
    if (entersTest && learnt) counted.tested += 1;
    if (splits.has('heldBack') && !earlier.has('heldBack')) {
      counted.heldBack += 1;
      if (earlier.has('test')) counted.heldBackOfTest += 1;
    }
    if (earlier.has('heldBack') && !splits.has('heldBack')) {
      counted.opened += 1;
      if (entersTest) counted.openedIntoTest += 1;
    }
  }
  return counted;
}

/** What `lock` says about it. */
export function renderMoves(name: string, moves: Moves): string {
  const { kept, changed, moved, tested, openedIntoTest } = moves;
  if (kept === 0) {
    return (
      `${name}: none of the earlier examples can be recognised, so nobody can tell which of them the test asks about now. ` +
      'Comparisons leave out what may be among those that a model has learnt from.'
    );
  }
  const how = changed > 0 ? ` ${changed} have changed and were recognised by what has not.` : '';
  if (moved === 0) {
    return `${name}: none of the ${plural(kept, 'earlier example')} changed split.${how}`;
  }
  const found = `${name}: ${moved} of ${plural(kept, 'earlier example')} changed split`;
  const test =
    tested > 0
      ? `${found}: the test now asks about ${tested} that earlier models were trained or validated on.`
      : `${found}, none of them ${openedIntoTest > 0 ? 'from training or validation ' : ''}into the test.`;
  return `${test}${renderHeldBack(moves)}${how}`;
}

/** What was held back, and what is not any more: each with how many of them the test asked about, or does now. */
function renderHeldBack({ heldBack, heldBackOfTest, opened, openedIntoTest }: Moves): string {
  const ofTest = heldBackOfTest > 0 ? `, ${heldBackOfTest} of them from the test` : '';
  const held = heldBack > 0 ? ` ${heldBack} are held back for promotions now${ofTest}.` : '';
  const intoTest = openedIntoTest > 0 ? `: the test asks about ${openedIntoTest} of them now` : '';
  const open = opened > 0 ? ` ${opened} that were held back are not any more${intoTest}.` : '';
  return `${held}${open}`;
}

/** The features of more examples take too much memory: those that have changed are not recognised. */
const mostMarked = 200_000;

type Splits = Map<Digest, Set<PartName>>;

interface Locks {
  readonly before: LockedDataset;
  readonly after: LockedDataset;
  readonly table: TableDefinition | undefined;
}

/**
 * The earlier splits of examples that have changed, by their present digests: those that have one earlier example's features, or
 * name, which no other has on either side.
 */
async function findChanged(
  store: BlobStore,
  { before, after, table }: Locks,
  { old, now }: { readonly old: Splits; readonly now: Splits },
): Promise<Splits> {
  const isNew = [...now.keys()].some((digest) => !old.has(digest));
  const isGone = [...old.keys()].some((digest) => !now.has(digest));
  if (!isNew || !isGone || now.size > mostMarked) return new Map();
  const [gone, come] = [
    await readMarks(store, before, table, now),
    await readMarks(store, after, table, old),
  ];
  const pairs = [...come].flatMap(([mark, digest]): [Digest, Set<PartName>][] => {
    const earlier = digest && gone.get(mark);
    const splits = earlier && old.get(earlier);
    return digest && splits ? [[digest, splits]] : [];
  });
  return new Map(pairs);
}

/** Examples that the other side lacks by what marks them; null where several have it. */
async function readMarks(
  store: BlobStore,
  dataset: LockedDataset,
  table: TableDefinition | undefined,
  others: Splits,
): Promise<Map<string, Digest | null>> {
  const marks = new Map<string, Digest | null>();
  const { split } = dataset;
  if (!split) return marks;
  const columns = Object.keys(table?.features ?? {});
  for (const example of await readAllExamples(store, dataset, { split, table, columns })) {
    if (others.has(example.digest)) continue;
    const mark = traceOf(example, columns);
    marks.set(mark, marks.has(mark) ? null : example.digest);
  }
  return marks;
}

async function readSplits(
  store: BlobStore,
  dataset: LockedDataset,
  split: SplitDefinition,
  table: TableDefinition | undefined,
): Promise<Splits> {
  const splits: Splits = new Map();
  for (const example of await readAllExamples(store, dataset, { split, table, columns: [] })) {
    const known = splits.get(example.digest);
    if (known) known.add(example.split);
    else splits.set(example.digest, new Set([example.split]));
  }
  return splits;
}
