import { canonicalJson } from '../lib/canonical-json.ts';
import type { ModelPointer } from '../schemas/index.ts';
import type { HistoryEntry } from './history.ts';

/**
 * The runs whose promotions are undone where a pointer comes back: those that served after it. Their records and notes go with
 * a `git revert`; history has them still.
 *
 * @param pointer null where nothing serves any more @param past newest first
 * @returns none for a pointer that never was there
 */
export function undoneRuns(
  pointer: ModelPointer | null,
  past: readonly HistoryEntry[],
): ReadonlySet<string> {
  const text = canonicalJson(pointer);
  const isBack = (entry: HistoryEntry) => canonicalJson(entry.pointer) === text;
  const at = past.findIndex(isBack);
  const isFirst = pointer === null && at < 0;
  const undone = isFirst ? past : past.slice(0, Math.max(0, at));
  return new Set(undone.map(({ run }) => run).filter((run) => run !== '' && run !== pointer?.run));
}
