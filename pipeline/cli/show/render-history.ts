import { abbreviate } from '../../../platform/lib/text.ts';
import type { HistoryEntry, MergedPromotion } from '../../../platform/registry/index.ts';

/** What of a model's history is shown. */
export interface ShownHistory {
  readonly name: string;
  readonly channel: string;
  /** Only what served at this time, in ISO 8601; a date alone is its first moment. Left out: all. */
  readonly at?: string | undefined;
}

/** The entries of a history that served at a time; all of them without one. */
export function entriesAt(all: readonly HistoryEntry[], at?: string): HistoryEntry[] {
  const moment = at === undefined ? null : Date.parse(at);
  return all.filter(
    ({ from, until }) =>
      moment === null ||
      (Date.parse(from) <= moment && (until === null || moment < Date.parse(until))),
  );
}

/** A history in lines: one for each entry, or one that says why there is none. */
export function renderHistory(all: readonly HistoryEntry[], shown: ShownHistory): string[] {
  const { name, channel, at } = shown;
  const entries = entriesAt(all, at);
  if (entries.length > 0) return entries.map(renderEntry);
  const where = channel === 'production' ? '' : ` to ${channel}`;
  const [first] = all.map(({ from }) => from).sort((a, b) => Date.parse(a) - Date.parse(b));
  if (first === undefined || at === undefined) return [`${name}: no committed promotion${where}.`];
  const moment = new Date(at).toISOString();
  return [`${name}: nothing served at ${moment}; the first promotion${where} was at ${first}.`];
}

/** One line that names the promotions which merges brought in from other branches; none without any. */
export function renderMerged(merged: readonly MergedPromotion[]): string[] {
  if (merged.length === 0) return [];
  const shown = merged.slice(0, shownMerged).map(({ run, at }) => `${run} (${at})`);
  const more = merged.length - shown.length;
  const named = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return [
    `Not in this history, since merges brought them in from other branches: ${named}. docs/merging.md says what to do if they served.`,
  ];
}

const shownMerged = 5;

function renderEntry({ run, from, until, kind, commit, author, subject }: HistoryEntry): string {
  const span = `${from} … ${until ?? 'now'}`.padEnd(54);
  return `${run || '(none)'.padEnd(12)}  ${span}  ${kind.padEnd(9)}  ${abbreviate(commit)}  ${subject} (${author})`;
}
