import { ownValue } from '../../lib/own-value.ts';
import { printable } from '../../lib/printable.ts';
import { showName } from '../../lib/text.ts';
import type { DataDiff, DatasetDiff } from './diff.ts';

const shown = 8;

/** A diff as text: for each dataset how many files changed and how, the change of each class, and a few paths. */
export function renderDataDiff({ datasets }: DataDiff): string {
  const parts = Object.entries(datasets).map(([name, diff]) => renderDataset(name, diff));
  return parts.length === 0 ? 'No difference in the data.' : parts.join('\n\n');
}

/** The number of changes of each kind, for example `12 added, 1 relabelled`; '' without changes. */
export function renderChangeCounts(changes: Omit<DatasetDiff, 'classes'>): string {
  const kinds = ['added', 'removed', 'modified', 'relabelled'] as const;
  return kinds
    .filter((kind) => changes[kind].length > 0)
    .map((kind) => `${changes[kind].length} ${kind}`)
    .join(', ');
}

/** Changed paths, each with a sign; at most a few of each kind. */
export function renderChanges(changes: Omit<DatasetDiff, 'classes'>): string[] {
  return [
    ...some('+', changes.added),
    ...some('-', changes.removed),
    ...some('~', changes.modified),
    ...some(
      '→',
      changes.relabelled.map(({ from, to }) => `${from} → ${to}`),
    ),
  ];
}

function renderDataset(name: string, diff: DatasetDiff): string {
  const { before, after } = diff.classes;
  const isEmpty = Object.keys(before).length + Object.keys(after).length === 0;
  const counts = renderChangeCounts(diff) || (isEmpty ? 'no files' : 'same files, other splits');
  return [`${name}: ${counts}`, ...renderClasses(diff.classes), ...renderChanges(diff)].join('\n');
}

/** How many examples each class had and has; a line each. */
export function renderClasses({ before, after }: DatasetDiff['classes']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const width = Math.max(...names.map((name) => showName(name).length), 0);
  return names.map((name) => {
    const [old, fresh] = [ownValue(before, name) ?? 0, ownValue(after, name) ?? 0];
    const change = fresh - old;
    const delta = change === 0 ? '' : `  (${change > 0 ? '+' : ''}${change})`;
    const from = Object.keys(before).length === 0 || change === 0 ? '' : `${old} → `;
    return `  ${showName(name).padEnd(width)}  ${from}${fresh}${delta}`;
  });
}

function some(sign: string, paths: readonly string[]): string[] {
  const lines = paths.slice(0, shown).map((path) => `  ${sign} ${printable(path)}`);
  if (paths.length > shown) lines.push(`  ${sign} … and ${paths.length - shown} more`);
  return lines;
}
