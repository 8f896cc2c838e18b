import { isMainstemError } from '../lib/errors.ts';
import { fileOf, gitEntries, otherwise } from '../lib/git.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { ModelPointer } from '../schemas/index.ts';
import { type Channel, pointerPath } from './paths.ts';

/** One entry of a model's history: a period in which one run served. */
export interface HistoryEntry {
  readonly run: string;
  /** Commit that made it serve. */
  readonly commit: string;
  /** ISO 8601, committer's date. */
  readonly from: string;
  /** When the next run took over; null if this one serves now. */
  readonly until: string | null;
  readonly author: string;
  readonly subject: string;
  /** A rollback goes back to a run whose promotion was still in effect, by whatever command, revert or merge. */
  readonly kind: 'promotion' | 'rollback' | 'removal';
  readonly pointer: ModelPointer | null;
}

/**
 * What served when, newest first, read from nothing but the git log of the pointer.
 *
 * @param revision the branch or commit whose history is read.
 * @throws MainstemError GIT_FAILED; JSON_INVALID and MERGE_CONFLICT if the last pointer cannot be read, earlier ones are left out
 * @example (await history(root, 'pumpkins')).map(({ run, kind }) => [run, kind])
 * // [['8d11c02e5a90', 'promotion'], ['3f2a9c41d07b', 'promotion']]
 */
export async function history(
  root: string,
  name: string,
  channel: Channel = 'production',
  revision = 'HEAD',
): Promise<HistoryEntry[]> {
  const path = pointerPath(name, channel);
  const asked = ['log', '-z', '--first-parent', '--reverse', '--format=%H%x00%cI%x00%an%x00%s'];
  const log = await gitEntries(root, 4, ...asked, '--end-of-options', revision, '--', path);
  const entries: HistoryEntry[] = [];
  const inEffect: string[] = [];
  for (const [at, [commit = '', from = '', author = '', subject = '']] of log.entries()) {
    const pointer = await pointerOf(root, commit, path, at === log.length - 1);
    if (pointer === unreadable) continue;
    const run = pointer?.run ?? '';
    const before = entries.at(-1);
    if (before?.run === run) continue;
    const kind = noteChange(inEffect, run);
    if (before) entries[entries.length - 1] = { ...before, until: from };
    entries.push({ run, commit, from, until: null, author, subject, kind, pointer });
  }
  return entries.reverse();
}

/**
 * What a change of the pointer is, from the pointers alone: commands, reverts of reverts, merges and squashes word their
 * commits differently. Going back to a run whose promotion is still in effect undoes the promotions after it.
 *
 * @param inEffect the runs whose promotions are in effect, oldest first; changed.
 * @param run '' where the pointer was deleted.
 */
function noteChange(inEffect: string[], run: string): HistoryEntry['kind'] {
  if (run === '') {
    inEffect.length = 0;
    return 'removal';
  }
  const at = inEffect.indexOf(run);
  if (at >= 0) {
    inEffect.splice(at + 1);
    return 'rollback';
  }
  inEffect.push(run);
  return 'promotion';
}

/** A pointer that names nothing, for example one with conflict markers; it must not block the history after it. */
const unreadable = Symbol('unreadable');

async function pointerOf(
  root: string,
  commit: string,
  path: string,
  isLast: boolean,
): Promise<ModelPointer | null | typeof unreadable> {
  try {
    const text = await fileOf(root, commit, path);
    return text === null ? null : parseVersioned(text, ModelPointer, `${commit}:${path}`);
  } catch (error) {
    if (isLast || !isMainstemError(error)) throw error;
    return otherwise(unreadable)(error);
  }
}
