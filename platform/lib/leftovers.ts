import type { Dirent } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeftover } from './temporary.ts';

/** How to look for what killed processes left behind. */
export interface SweepOptions {
  /** Milliseconds. */
  readonly now: number;
  /** Also removes what is found. */
  readonly remove: boolean;
  /** Looks into folders too. @default true */
  readonly recursive?: boolean;
}

/**
 * Temporary files and folders that nobody will finish, as absolute paths, sorted; a folder that does not exist has none.
 *
 * @throws NodeJS.ErrnoException if a folder cannot be read or a leftover cannot be removed
 * @example await sweepLeftovers('.mainstem/store', { now: Date.now(), remove: true })
 * // ['/…/.mainstem/store/packs/1f6a0c93.5e0c9a41-18423-9120477.tmp']
 */
export async function sweepLeftovers(folder: string, options: SweepOptions): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.name.endsWith('.tmp')) {
      if (!(await isLeft(entry.name, path, options.now))) continue;
      if (options.remove) await rm(path, { recursive: true, force: true });
      found.push(path);
    } else if (entry.isDirectory() && options.recursive !== false) {
      found.push(...(await sweepLeftovers(path, options)));
    }
  }
  return found.sort();
}

async function isLeft(name: string, path: string, now: number): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && isLeftover(name, found.mtimeMs, now);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
