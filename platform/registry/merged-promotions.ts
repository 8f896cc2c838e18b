import { isMainstemError } from '../lib/errors.ts';
import { fileAt, gitEntries } from '../lib/git.ts';
import { parseJson } from '../lib/json.ts';
import { ModelPointer } from '../schemas/index.ts';
import type { HistoryEntry } from './history.ts';
import { type Channel, pointerPath } from './paths.ts';

/** A promotion on a branch that was merged in. */
export interface MergedPromotion {
  readonly run: string;
  readonly commit: string;
  /** ISO 8601, committer's date. */
  readonly at: string;
}

/**
 * The promotions that merges brought in by another parent than their first, newest first, each run once. They are not in the
 * history, which follows first parents: a branch may have tried them out, or they served where that branch was the main
 * one. Runs that the history names are left out.
 *
 * @param entries the history, as `history` gives it
 * @throws MainstemError GIT_FAILED
 */
export async function mergedPromotions(
  root: string,
  name: string,
  channel: Channel,
  entries: readonly HistoryEntry[],
): Promise<MergedPromotion[]> {
  const path = pointerPath(name, channel);
  const log = (...options: string[]) =>
    gitEntries(root, 2, 'log', '-z', '--format=%H%x00%cI', ...options, 'HEAD', '--', path);
  const [all, own] = [await log('--full-history', '--no-merges'), await log('--first-parent')];
  const known = new Set(own.map(([commit]) => commit));
  const runs = new Set(entries.map(({ run }) => run));
  const found: MergedPromotion[] = [];
  for (const [commit = '', at = ''] of all) {
    const run = known.has(commit) ? null : await runAt(root, commit, path);
    if (run === null || runs.has(run)) continue;
    runs.add(run);
    found.push({ run, commit, at });
  }
  return found;
}

/** Null where the pointer was deleted or cannot be read. */
async function runAt(root: string, commit: string, path: string): Promise<string | null> {
  const text = await fileAt(root, commit, path);
  try {
    return text === null ? null : parseJson(text, ModelPointer, path).run;
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}
