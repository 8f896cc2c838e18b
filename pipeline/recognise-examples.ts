import type { Digest } from '../platform/lib/hash.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import type { PreparedRow, SplitName } from '../platform/schemas/index.ts';
import { stemOf } from '../platform/storage/index.ts';
import type { RecognisedExamples } from './evaluation/index.ts';

/** The data that a model was made from, and the present data. */
export interface BothData {
  /** Everything that the model was made from. */
  readonly earlier: readonly PreparedRow[];
  /** Everything that is at hand of the present data. */
  readonly present: readonly PreparedRow[];
  /** The present examples that the model may be judged on. */
  readonly asked: readonly PreparedRow[];
  /** The column by which examples belong together. */
  readonly group?: string | undefined;
}

/** What a model takes of present examples, by their digests; of others nobody can tell. */
export type Looks = ReadonlyMap<Digest, string | undefined>;

/** The examples that a model was never given under their digests, and that no group tells from those that it was. */
export function findUnknown({ earlier, present, asked, group }: BothData): PreparedRow[] {
  const known = new Set(earlier.map(({ digest }) => digest));
  const groups = groupsOf(
    [...earlier, ...present.filter(({ digest }) => known.has(digest))],
    group,
  );
  // Earlier versions kept no group of training rows: then a group that is known may hold one.
  const tells = earlier.every((row) => row.split !== 'train' || groupOf(row, group) !== '');
  return asked.filter(
    (row) => !known.has(row.digest) && !(tells && groups.has(groupOf(row, group))),
  );
}

/**
 * Recognises present examples that a model has learnt from though not under their digests: by a group that it has learnt from, or
 * because they may be changed rows or files. That an unknown example may be where the model sees it exactly as one that it has
 * learnt from and that the data no longer has, or that was the only one of its look; where a photo stands in the place of such
 * a one; and where something that was learnt is gone and nobody can tell how the model saw it.
 *
 * @param splits that the model has learnt from @param unknown as {@link findUnknown} gives them
 */
export function recogniseExamples(
  both: BothData,
  splits: readonly SplitName[],
  { unknown, looks }: { readonly unknown: readonly PreparedRow[]; readonly looks: Looks },
): RecognisedExamples {
  const { asked, group } = both;
  const learnt = both.earlier.filter(({ split }) => splits.includes(split));
  const digests = new Set(learnt.map(({ digest }) => digest));
  const present = both.present.filter(({ digest }) => digests.has(digest));
  const groups = groupsOf([...learnt, ...present], group);
  const byGroup = asked.filter(
    (row) => !digests.has(row.digest) && groups.has(groupOf(row, group)),
  );
  const ofGroup = new Set(byGroup.map(({ digest }) => digest));
  const rest = unknown.filter(({ digest }) => !ofGroup.has(digest));
  const mayBe = rest.length === 0 ? () => false : createSuspicion(both, learnt, looks);
  return {
    group: ofGroup,
    content: new Set(rest.filter(mayBe).map(({ digest }) => digest)),
  };
}

function createSuspicion(
  { earlier, present, asked, group }: BothData,
  learnt: readonly PreparedRow[],
  looks: Looks,
): (row: PreparedRow) => boolean {
  const now = [...present, ...asked];
  const digests = new Set(now.map(({ digest }) => digest));
  const groups = groupsOf(now, group);
  const gone = learnt.filter((row) => !digests.has(row.digest) && !groups.has(groupOf(row, group)));
  const lost = new Set(gone.map(({ content }) => content));
  const places = new Set(gone.filter(isPhoto).map(({ id }) => stemOf(id)));
  const [of, ofLearnt] = [countContents(earlier), countContents(learnt)];
  return (row) => {
    if (isPhoto(row) && places.has(stemOf(row.id))) return true;
    const look = looks.get(row.digest);
    if (look === undefined || lost.has(undefined)) return gone.length > 0;
    return lost.has(look) || (of.get(look) === 1 && ofLearnt.get(look) === 1);
  };
}

function isPhoto({ row }: PreparedRow): boolean {
  return row === undefined;
}

function countContents(rows: readonly PreparedRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { content } of rows) {
    if (content !== undefined) counts.set(content, (counts.get(content) ?? 0) + 1);
  }
  return counts;
}

/** The groups that are named; '' is none. */
function groupsOf(rows: readonly PreparedRow[], column: string | undefined): Set<string> {
  const groups = new Set(column === undefined ? [] : rows.map((row) => groupOf(row, column)));
  groups.delete('');
  return groups;
}

function groupOf({ metadata }: PreparedRow, column: string | undefined): string {
  return (column !== undefined && ownValue(metadata, column)) || '';
}
