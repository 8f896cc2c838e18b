import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';

/** A download that is watched by what it leaves on the disk. */
export interface FolderWatch {
  /** Aborted when the download should end. */
  readonly signal: AbortSignal;
  /** What was too much of it, as a clause; null if nothing. */
  readonly tooMuch: string | null;
  end(): void;
}

interface WatchOptions extends Pick<Workspace, 'reporter' | 'signal'> {
  readonly label: string;
  /** How long it may go without a further byte. @default two minutes */
  readonly idleMs?: number;
  /** @default a second */
  readonly everyMs?: number;
}

/** pip has up to three copies of a file for a moment, and other small files. */
export const copiesWhileDownloading = 3;
const slackBytes = 64_000_000;

/**
 * Watches a download by another program: shows how far it is, and ends it when it writes more than there can be, or
 * nothing for too long.
 *
 * @param expected bytes
 */
export function watchFolder(folder: string, expected: number, options: WatchOptions): FolderWatch {
  const { label, reporter, signal, idleMs = 120_000, everyMs = 1000 } = options;
  const giveUp = new AbortController();
  const progress = reporter.progress(label, expected, 'bytes');
  const watch = { tooMuch: null as string | null };
  let [last, since] = [-1, Date.now()];
  const timer = setInterval(() => {
    const size = sizeOf(folder);
    progress.update(Math.min(size, expected));
    if (size !== last) [last, since] = [size, Date.now()];
    if (size > expected * copiesWhileDownloading + slackBytes)
      watch.tooMuch = `has more than ${renderBytes(expected)}, the size of the pinned file`;
    else if (Date.now() - since > idleMs) watch.tooMuch = `stood still for ${idleMs / 1000} s`;
    if (watch.tooMuch !== null) giveUp.abort();
  }, everyMs);
  return {
    signal: AbortSignal.any([signal, giveUp.signal]),
    get tooMuch() {
      return watch.tooMuch;
    },
    end() {
      clearInterval(timer);
      progress.end();
    },
  };
}

/** The bytes below a folder; what vanishes meanwhile counts nothing. */
function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sum + sizeOf(path);
      return sum + (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0);
    }, 0);
  } catch {
    return 0;
  }
}
