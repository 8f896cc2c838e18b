import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeCacheFile } from '../../lib/files.ts';

/*
 * Remembers in which state (size, times, inode) each file of the store was when all its bytes were verified, so that it
 * need not be read again to know that it is intact. Damage by a program or a file system changes that state; a disk that
 * forgets bits does not, which only reading finds (`fsck`, and every use of a blob).
 */

/** The files of a store that were verified. Paths are relative to the store's folder, with `/`. */
export interface VerifiedFiles {
  /** Whether a file is still as it was when it was verified; false if it was not, or is gone. */
  has(file: string): boolean;
  /** Remembers a file. @param state as it was before it was read; left out, as it is now: for one just written */
  add(file: string, state?: FileState): void;
  /** Writes what was added. Of two processes that write at once one may lose: then files are read once more. */
  save(): Promise<void>;
}

/** Size, times and inode in one string; '' for a file that is not there. */
export type FileState = string;

/** Opens the memory of a store; a missing or damaged one counts as empty, since it only saves time. */
export function openVerified(folder: string): VerifiedFiles {
  const path = join(folder, 'verified.json');
  const added = new Map<string, FileState>();
  let known: ReadonlyMap<string, FileState> | undefined;
  return {
    has(file) {
      known ??= readKnown(path);
      const remembered = added.get(file) ?? known.get(file);
      return remembered !== undefined && remembered === readState(folder, file);
    },
    add(file, state = readState(folder, file)) {
      if (state !== '') added.set(file, state);
    },
    async save() {
      if (added.size === 0) return;
      const all = new Map([...readKnown(path), ...added]);
      const present = [...all].filter(
        ([file]) => added.has(file) || readState(folder, file) !== '',
      );
      await writeCacheFile(path, JSON.stringify(Object.fromEntries(present)));
      known = new Map(present);
      added.clear();
    },
  };
}

/** The state of a file of the store. @example readState(store.folder, 'objects/ab/cdef…') // '14 1764115200000.5 … 42' */
export function readState(folder: string, file: string): FileState {
  const found = statSync(join(folder, file), { throwIfNoEntry: false });
  return found ? describe(found) : '';
}

function describe({ size, mtimeMs, ctimeMs, ino }: Stats): FileState {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

function readKnown(path: string): Map<string, FileState> {
  try {
    const entries = Object.entries<unknown>(JSON.parse(readFileSync(path, 'utf8')));
    return new Map(entries.map(([file, state]) => [file, String(state)]));
  } catch {
    return new Map();
  }
}
