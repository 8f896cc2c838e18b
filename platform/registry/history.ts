import { git } from '../lib/git.ts';
import { parseJson } from '../lib/json.ts';
import { ModelPointer } from '../schemas/index.ts';
import { type Channel, pointerPath } from './paths.ts';

/** One stretch of time in which one run served. */
export interface Tenure {
  readonly run: string;
  /** Commit that made it serve. */
  readonly commit: string;
  /** ISO 8601, committer's date. */
  readonly from: string;
  /** When the next took over; null if it serves now. */
  readonly until: string | null;
  readonly author: string;
  readonly subject: string;
  /** A rollback brings back a run that served before, by `rollback` or by `git revert`. */
  readonly kind: 'promotion' | 'rollback' | 'removal';
  readonly pointer: ModelPointer | null;
}

/**
 * What served when, newest first, read from the git log of the pointer alone.
 *
 * @param revision the branch or commit whose past is told. @throws MainstemError GIT_FAILED, JSON_INVALID
 */
export async function history(
  root: string,
  name: string,
  channel: Channel = 'production',
  revision = 'HEAD',
): Promise<Tenure[]> {
  const path = pointerPath(name, channel);
  const format = '--format=%H%x00%cI%x00%an%x00%s%x00%b%x01';
  const log = await git(root, 'log', '--first-parent', '--reverse', format, revision, '--', path);
  const tenures: Tenure[] = [];
  for (const entry of log.split('\x01').filter((text) => text.trim() !== '')) {
    const [commit = '', from = '', author = '', subject = '', body = ''] = entry.trim().split('\0');
    const pointer = await pointerAt(root, commit, path);
    const run = pointer?.run ?? '';
    const before = tenures.at(-1);
    if (before?.run === run) continue;
    const seen = tenures.some((past) => past.run === run);
    const kind = pointer === null ? 'removal' : seen && goesBack(body) ? 'rollback' : 'promotion';
    if (before) tenures[tenures.length - 1] = { ...before, until: from };
    tenures.push({ run, commit, from, until: null, author, subject, kind, pointer });
  }
  return tenures.reverse();
}

/** What a rollback's commit message ends with, so that it is told from promoting an old run again. */
export const rollbackTrailer = 'Mainstem-Action: rollback';

function goesBack(body: string): boolean {
  return body.includes(rollbackTrailer) || body.includes('This reverts commit');
}

async function pointerAt(root: string, commit: string, path: string): Promise<ModelPointer | null> {
  const listed = await git(root, 'ls-tree', '--name-only', commit, '--', path);
  if (listed === '') return null;
  return parseJson(await git(root, 'show', `${commit}:${path}`), ModelPointer, `${commit}:${path}`);
}
