import { countBy } from '../platform/lib/count-by.ts';
import { evenly } from '../platform/lib/evenly.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import type { DataReview, Example, ReviewedExample } from '../platform/schemas/index.ts';
import { digestRow } from '../platform/storage/index.ts';
import { columnDrift } from './column-drift.ts';

/** As many as a contact sheet shows at a glance. */
const mostShown = 60;

/** Two versions of a dataset. */
export interface ReviewInputs {
  readonly dataset: string;
  readonly before: readonly Example[];
  readonly after: readonly Example[];
  /** Of a table: its label, and the column that may name its rows. */
  readonly label?: string | undefined;
  readonly key?: string | undefined;
  /** Of photos: what was measured and read. */
  readonly photos?: PhotoFacts | undefined;
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
  const { dataset, before, after, label, photos } = inputs;
  const content = contentOf(label);
  const [old, fresh] = [indexBy(before, content), indexBy(after, content)];
  const added = after.filter((one) => !old.has(content(one)));
  const removed = before.filter((one) => !fresh.has(content(one)));
  const stayed = after.flatMap((one) => {
    const was = old.get(content(one));
    return was ? [{ one, was }] : [];
  });
  const relabelled = stayed.filter(({ one, was }) => one.label !== was.label);
  return {
    ...{ dataset, kind: label === undefined ? 'images' : 'table' },
    ...{ before: before.length, after: after.length },
    added: some(added.map((one) => shownOf(one))),
    removed: some(removed.map((one) => shownOf(one))),
    relabelled: some(relabelled.map(({ one, was }) => ({ ...shownOf(one), from: was.label }))),
    moved:
      label === undefined
        ? stayed.filter(({ one, was }) => one.id !== was.id && one.label === was.label).length
        : 0,
    dealtAgain: stayed.filter(({ one, was }) => one.split !== was.split).length,
    changedRows: changedRows(inputs),
    splits: splitsOf(before, after, added),
    drift: joinDrift(
      columnDrift(
        before.map((one) => columnsOf(one, label)),
        added.map((one) => columnsOf(one, label)),
      ),
      photos ? columnDrift(photos.before, photos.added) : nothing,
    ),
    ...(photos && { privacy: photos.privacy }),
  };
}

type Drift = DataReview['drift'];

const nothing: Drift = { columns: 0, found: [] };

function joinDrift(columns: Drift, photos: Drift): Drift {
  return {
    columns: columns.columns + photos.columns,
    found: [...columns.found, ...photos.found].sort((a, b) => b.psi - a.psi),
  };
}

/** What an example is, apart from its label; looked at several times, so it is kept. */
function contentOf(label: string | undefined): (example: Example) => string {
  if (label === undefined) return ({ digest }) => digest;
  const known = new WeakMap<Example, string>();
  return (example) => {
    const { [label]: _, ...others } = example.metadata;
    const content = known.get(example) ?? digestRow(others);
    known.set(example, content);
    return content;
  };
}

function indexBy(examples: readonly Example[], keyOf: (example: Example) => string) {
  return new Map(examples.map((example) => [keyOf(example), example]));
}

function shownOf({ id, row, digest, label, split }: Example): ReviewedExample {
  return { id, ...(row !== undefined && { row }), digest, label, split };
}

/** A few of them, from every class and from the first to the last. */
function some(examples: readonly ReviewedExample[]): DataReview['added'] {
  return { count: examples.length, shown: evenly(examples, mostShown) };
}

/** The columns with the label of a photo, whose mixture matters as much. */
function columnsOf({ metadata, label }: Example, column: string | undefined) {
  return column === undefined ? { ...metadata, class: label } : metadata;
}

function splitsOf(
  before: readonly Example[],
  after: readonly Example[],
  added: readonly Example[],
): DataReview['splits'] {
  const [old, fresh, more] = [before, after, added].map((all) =>
    countBy(all, ({ split }) => split),
  );
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(fresh ?? {})])].sort();
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

/** Of rows that a key names, once each, those of which cells changed. */
function changedRows({ before, after, key, label }: ReviewInputs): DataReview['changedRows'] {
  if (key === undefined || label === undefined) return null;
  const keyOf = ({ metadata }: Example) => ownValue(metadata, key) ?? '';
  const [old, fresh] = [indexBy(before, keyOf), indexBy(after, keyOf)];
  if (old.size < before.length || fresh.size < after.length) return null;
  const changed = [...fresh].flatMap(([value, one]) => {
    const was = old.get(value);
    const columns = was ? differing(was.metadata, one.metadata) : [];
    return columns.length > 0 ? [{ value, columns }] : [];
  });
  return { key, count: changed.length, shown: changed.slice(0, mostShown) };
}

function differing(a: Example['metadata'], b: Example['metadata']): string[] {
  const columns = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...columns].filter((column) => ownValue(a, column) !== ownValue(b, column)).sort();
}
