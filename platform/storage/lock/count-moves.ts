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
  /** How many of these have changed, and were recognised by what has not: a table's features, a photo's name, their group. */
  readonly changed: number;
  /** How many of the earlier lock are in the next one neither as they were nor recognised; and how many of the next look new. */
  readonly lost: number;
  readonly fresh: number;
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
    ...{ kept: 0, changed: 0, moved: 0, tested: 0, lost: 0, fresh: 0 },
    ...{ heldBack: 0, heldBackOfTest: 0, opened: 0, openedIntoTest: 0 },
  };
  for (const [digest, splits] of now) {
    const earlier = old.get(digest) ?? changed.get(digest);
    if (!earlier) {
      counted.fresh += 1;
      continue;
    }
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
  return { ...counted, lost: old.size - counted.kept };
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
  const end = `${how}${renderLost(moves)}`;
  if (moved === 0) {
    return `${name}: none of the ${plural(kept, 'earlier example')} changed split.${end}`;
  }
  const found = `${name}: ${moved} of ${plural(kept, 'earlier example')} changed split`;
  const test =
    tested > 0
      ? `${found}: the test now asks about ${tested} that earlier models were trained or validated on.`
      : `${found}, none of them ${openedIntoTest > 0 ? 'from training or validation ' : ''}into the test.`;
  return `${test}${renderHeldBack(moves)}${end}`;
}

/** Where examples went and others came, nobody can tell whether these are those, changed: then they may have changed split. */
function renderLost({ kept, lost, fresh }: Moves): string {
  if (lost === 0 || fresh === 0) return '';
  const those = `${lost} of all ${kept + lost}`;
  const these = fresh === 1 ? 'the one that looks' : `the ${fresh} that look`;
  return ` ${those} cannot be recognised: they are gone, or changed and among ${these} new, in whatever split.`;
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
 * name, which no other has on either side, and others that are in a group from which as many examples or more are gone.
 */
async function findChanged(
  store: BlobStore,
  { before, after, table }: Locks,
  { old, now }: { readonly old: Splits; readonly now: Splits },
): Promise<Splits> {
  const isNew = [...now.keys()].some((digest) => !old.has(digest));
  const isGone = [...old.keys()].some((digest) => !now.has(digest));
  if (!isNew || !isGone || now.size > mostMarked) return new Map();
  const gone = await readMarks(store, before, table, now);
  const come = await readMarks(store, after, table, old);
  const pairs = pairByTrace(gone, come);
  const byGroup = isSameGroup(before, after) ? pairByGroup(gone, come, pairs) : [];
  return new Map(
    [...pairs, ...byGroup].flatMap(([digest, earlier]): [Digest, Set<PartName>][] => {
      const splits = old.get(earlier);
      return splits ? [[digest, splits]] : [];
    }),
  );
}

function isSameGroup(before: LockedDataset, after: LockedDataset): boolean {
  return before.split?.group !== undefined && before.split.group === after.split?.group;
}

/** Present digest → earlier digest. */
type Pairs = Map<Digest, Digest>;

function pairByTrace(gone: Marks, come: Marks): Pairs {
  return new Map(
    [...come.traces].flatMap(([trace, digest]): [Digest, Digest][] => {
      const earlier = gone.traces.get(trace);
      return digest && earlier ? [[digest, earlier]] : [];
    }),
  );
}

/** All of a group are in one split, so that it does not matter which of them is which. */
function pairByGroup(gone: Marks, come: Marks, known: Pairs): [Digest, Digest][] {
  const taken = new Set(known.values());
  return [...come.groups].flatMap(([group, digests]) => {
    const present = [...digests].filter((digest) => !known.has(digest));
    const earlier = [...(gone.groups.get(group) ?? [])].filter((digest) => !taken.has(digest));
    // Where more came than went, nobody can tell which of them are new.
    if (present.length > earlier.length) return [];
    return present.map((digest, at): [Digest, Digest] => [digest, earlier[at] ?? digest]);
  });
}

/** By what the examples that the other side lacks can be recognised. */
interface Marks {
  /** What stays of one that was changed; null where several have it. */
  readonly traces: Map<string, Digest | null>;
  /** The examples of each named group. */
  readonly groups: Map<string, Set<Digest>>;
}

async function readMarks(
  store: BlobStore,
  dataset: LockedDataset,
  table: TableDefinition | undefined,
  others: Splits,
): Promise<Marks> {
  const traces = new Map<string, Digest | null>();
  const groups = new Map<string, Set<Digest>>();
  const { split } = dataset;
  if (!split) return { traces, groups };
  const columns = Object.keys(table?.features ?? {});
  for (const example of await readAllExamples(store, dataset, { split, table, columns })) {
    const { digest, group } = example;
    if (others.has(digest)) continue;
    const trace = traceOf(example, columns);
    traces.set(trace, traces.has(trace) ? null : digest);
    if (group === digest) continue;
    const members = groups.get(group) ?? new Set();
    groups.set(group, members.add(digest));
  }
  return { traces, groups };
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
