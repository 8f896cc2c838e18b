import { isDeepStrictEqual } from 'node:util';
import { ownValue } from '../../lib/own-value.ts';
import { plural } from '../../lib/plural.ts';
import type { DataLock, LockedDataset } from '../../schemas/index.ts';
import { classCounts } from './diff.ts';
import { renderClasses } from './render-diff.ts';

/** An entry of the lock in place of another one of which the store has no list of files. */
export interface Replaced {
  readonly before: LockedDataset;
  readonly after: LockedDataset;
}

/**
 * The datasets with other files than before, where nobody here can say which: to call all of them new would hide what went.
 *
 * @param known the part of `before` of which the store has the lists of files
 */
export function findReplaced(
  before: DataLock,
  after: DataLock,
  known: DataLock,
): Record<string, Replaced> {
  const found = Object.entries(after.datasets).flatMap(([name, fresh]): [string, Replaced][] => {
    const old = ownValue(before.datasets, name);
    const isKnown = ownValue(known.datasets, name) !== undefined;
    if (!old || isKnown || old.digest === fresh.digest) return [];
    return [[name, { before: old, after: fresh }]];
  });
  return Object.fromEntries(found);
}

/** A replaced dataset as text: how many files took the place of how many, and the change of each class. */
export function renderReplaced(name: string, { before, after }: Replaced): string {
  const sizes = `${plural(after.files, 'file')} in place of ${before.files}`;
  const why = 'the store has no list of those ("npx mainstem pull --rev HEAD" fetches it)';
  const classes = renderClasses({ before: classCounts(before), after: classCounts(after) });
  return [`${name}: ${sizes}; ${why}`, ...classes].join('\n');
}

const kinds: Readonly<Record<LockedDataset['kind'], string>> = {
  images: 'images',
  table: 'a table',
  backbone: 'a backbone',
  source: 'a source of features',
};

/** What two locks say differently of a dataset itself, in sentences; where its files are, among others. */
export function describeChangedFacts(before: DataLock, after: DataLock): string[] {
  return Object.entries(after.datasets).flatMap(([name, fresh]) => {
    const old = ownValue(before.datasets, name);
    if (!old) return [];
    const origins = [old, fresh].map(({ origin }) => origin ?? null);
    return [
      ...(old.path === fresh.path ? [] : [`${name}: now at ${fresh.path} (was at ${old.path}).`]),
      ...(old.kind === fresh.kind
        ? []
        : [`${name}: now ${kinds[fresh.kind]} (was ${kinds[old.kind]}).`]),
      ...(['source', 'licence'] as const)
        .filter((field) => old[field] !== fresh[field])
        .map((field) => {
          const [now, was] = [fresh, old].map((entry) => JSON.stringify(entry[field]));
          return `${name}: ${field} now ${now} (was ${was}).`;
        }),
      ...(isDeepStrictEqual(origins[0], origins[1])
        ? []
        : [`${name}: another promoted model than before.`]),
    ];
  });
}
