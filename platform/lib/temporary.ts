import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { markPattern, ownMark, stateOf } from './process-mark.ts';

/** A temporary file or folder of an unknown process, or of another machine's, is left over once it is a day old. */
const safeMs = 24 * 3_600_000;
const marked = new RegExp(`\\.(${markPattern})\\.tmp$`);

/**
 * A name for what will be renamed to a path when it is complete: in the same folder, never used before, and marked
 * with this process, so that others can tell whether it is still being written.
 *
 * @example temporaryBeside('data.lock.json') // 'data.lock.json.1f6a0c93.5e0c9a41-18423-9120477.tmp'
 */
export function temporaryBeside(path: string): string {
  // A name may have 255 bytes: of a long one the beginning is enough.
  return join(dirname(path), temporaryName(`${basename(path).slice(0, 40)}.`));
}

/**
 * As {@link temporaryBeside}, for a file in a folder that has no other name yet.
 *
 * @param prefix begins the name, for example '.' for a hidden file
 * @example temporaryIn('packs') // 'packs/1f6a0c93.5e0c9a41-18423-9120477.tmp'
 */
export function temporaryIn(folder: string, prefix = ''): string {
  return join(folder, temporaryName(prefix));
}

/**
 * Whether nobody will finish a temporary file or folder: the process that wrote it has ended, or is unknown here and
 * has not touched it for a day. False for a name that is not a temporary one.
 *
 * @param changedMs when it last changed
 * @param nowMs the time now, both in milliseconds
 */
export function isLeftover(name: string, changedMs: number, nowMs: number): boolean {
  if (!name.endsWith('.tmp')) return false;
  const mark = marked.exec(name)?.[1];
  const state = mark === undefined ? 'unknown' : stateOf(mark);
  return state === 'ended' || (state === 'unknown' && nowMs - changedMs > safeMs);
}

function temporaryName(prefix: string): string {
  return `${prefix}${randomBytes(4).toString('hex')}.${ownMark()}.tmp`;
}
