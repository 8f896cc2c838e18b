import type { DataDiff } from '../../storage/index.ts';
import type { DataChange } from '../report.ts';

const examplesKept = 10;

/** The data diff with counts and a few files of each kind, so that a report stays small. */
export function dataChanges(diff: DataDiff | null): DataChange[] {
  return Object.entries(diff?.datasets ?? {}).map(([dataset, change]) => ({
    dataset,
    added: some(change.added),
    removed: some(change.removed),
    modified: some(change.modified),
    relabelled: some(change.relabelled.map(({ from, to }) => `${from} → ${to}`)),
    classes: change.classes,
  }));
}

function some(files: readonly string[]): DataChange['added'] {
  return { count: files.length, examples: files.slice(0, examplesKept) };
}
