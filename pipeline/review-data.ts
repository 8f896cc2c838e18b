import { countBy } from '../platform/lib/count-by.ts';
import { evenly } from '../platform/lib/evenly.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import type { DataReview, Example, ReviewedExample } from '../platform/schemas/index.ts';
import { columnDrift } from './column-drift.ts';
import type { DataVersion } from './data-version.ts';
import { columnsOfObjects } from './example-columns.ts';

/** As many as a contact sheet shows at a glance. */
const mostShown = 60;

/** Two versions of a dataset. */
export interface ReviewInputs {
  readonly dataset: string;
  readonly before: DataVersion;
  readonly after: DataVersion;
  /** Of photos: what was measured and read. */
  readonly photos?: PhotoFacts | undefined;
  /** Of a table: rows of which cells changed, by what names them. */
  readonly changedRows?: DataReview['changedRows'];
}

/** What photos are like apart from what they show. */
export interface PhotoFacts {
  /** The properties of some that were there, and of some that were added, as columns. */
  readonly before: readonly Readonly<Record<string, string>>[];
  readonly added: readonly Readonly<Record<string, string>>[];
  readonly privacy: NonNullable<DataReview['privacy']>;
}

/** The photos that one version has and another has not. */
export function findAdded(before: readonly Example[], after: readonly Example[]): Example[] {
  const known = new Set(before.map(({ digest }) => digest));
  return after.filter(({ digest }) => !known.has(digest));
}

/**
 * Says what changed between two versions of a dataset, example by example. An example is its content: a photo's bytes, a
 * row's cells. A row that differs in nothing but its label is relabelled.
 */
export function reviewData(inputs: ReviewInputs): DataReview {
  const { dataset, before, after, photos, changedRows = null } = inputs;
  const { added, removed, stayed } = matchVersions(before, after);
  const relabelled = stayed.filter(({ was, is }) => before.label(was) !== after.label(is));
  return {
    ...{ dataset, kind: after.kind, before: before.count, after: after.count },
    added: some(added, after.shown),
    removed: some(removed, before.shown),
    relabelled: some(relabelled, ({ was, is }) => ({
      ...after.shown(is),
      from: before.label(was),
    })),
    moved: after.kind === 'images' ? countMoved(stayed, before, after) : 0,
    dealtAgain: stayed.filter(({ was, is }) => before.split(was) !== after.split(is)).length,
    ...{ changedRows, splits: splitsOf(before, after, added) },
    drift: joinDrift(
      columnDrift(before.columns(placesIn(before)), after.columns(added)),
      photos ? columnDrift(columnsOfObjects(photos.before), columnsOfObjects(photos.added)) : none,
    ),
    ...(photos && { privacy: photos.privacy }),
  };
}

/** An example of both versions, by its place in either. */
interface Stayed {
  readonly was: number;
  readonly is: number;
}

function matchVersions(before: DataVersion, after: DataVersion) {
  const old = new Map<string, number>();
  for (const at of placesIn(before)) old.set(before.content(at), at);
  const fresh = new Set<string>();
  const added: number[] = [];
  const stayed: Stayed[] = [];
  for (const is of placesIn(after)) {
    const content = after.content(is);
    const was = old.get(content);
    if (was === undefined) added.push(is);
    else {
      fresh.add(content);
      stayed.push({ was, is });
    }
  }
  const removed = placesIn(before).filter((at) => !fresh.has(before.content(at)));
  return { added, removed: [...removed], stayed };
}

function placesIn({ count }: DataVersion): Uint32Array {
  return Uint32Array.from({ length: count }, (_, at) => at);
}

/** Photos with the same label at another path. */
function countMoved(stayed: readonly Stayed[], before: DataVersion, after: DataVersion): number {
  return stayed.filter(
    ({ was, is }) =>
      before.shown(was).id !== after.shown(is).id && before.label(was) === after.label(is),
  ).length;
}

type Drift = DataReview['drift'];

const none: Drift = { columns: 0, found: [] };

function joinDrift(columns: Drift, photos: Drift): Drift {
  return {
    columns: columns.columns + photos.columns,
    found: [...columns.found, ...photos.found].sort((a, b) => b.psi - a.psi),
  };
}

/** A few of them, from every class and from the first to the last. */
function some<Item, Shown extends ReviewedExample>(
  items: readonly Item[],
  show: (item: Item) => Shown,
): { count: number; shown: Shown[] } {
  return { count: items.length, shown: evenly(items, mostShown).map(show) };
}

function splitsOf(
  before: DataVersion,
  after: DataVersion,
  added: readonly number[],
): DataReview['splits'] {
  const old = countBy(placesIn(before), before.split);
  const fresh = countBy(placesIn(after), after.split);
  const more = countBy(added, after.split);
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        before: ownValue(old, name) ?? 0,
        after: ownValue(fresh, name) ?? 0,
        added: ownValue(more, name) ?? 0,
      },
    ]),
  );
}
