import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Files as they are on disk, in columns: 70,000 objects would cost more than the system calls. */
export interface ScannedFiles {
  /** Paths relative to the dataset's path, with `/`; for a table its base name. */
  readonly paths: readonly string[];
  /** For each file in turn: bytes, mtime and ctime (milliseconds with a fraction), inode. */
  readonly states: Float64Array<ArrayBuffer>;
}

/** How many numbers a file's state has. */
export const stateLength = 4;

/** The files at a dataset's path. */
export interface Scan {
  readonly kind: 'images' | 'table';
  /** The folder that the files' paths are relative to. */
  readonly base: string;
  /** Sorted by path in code-unit order. Hidden files, and whatever is neither a file nor a folder, are left out. */
  readonly files: ScannedFiles;
}

/**
 * Walks a dataset; undefined if nothing is there. Synchronous: for 70,000 files that is four times as fast as
 * promises.
 */
export function scanDataset(path: string): Scan | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isDirectory()) {
    return {
      kind: 'table',
      base: dirname(path),
      files: scanFiles(dirname(path), [basename(path)]),
    };
  }
  const paths: string[] = [];
  walk(path, '', paths);
  return { kind: 'images', base: path, files: scanFiles(path, paths) };
}

/** Folders sort as `name/`, so that the walk yields full paths in order and nothing is sorted twice. */
function walk(base: string, prefix: string, paths: string[]): void {
  const names = readdirSync(join(base, prefix), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
  for (const name of names) {
    if (name.endsWith('/')) walk(base, prefix + name, paths);
    else paths.push(prefix + name);
  }
}

/** The states of files that exist. @param paths relative to the base */
export function scanFiles(base: string, paths: readonly string[]): ScannedFiles {
  const states = new Float64Array(paths.length * stateLength);
  let at = 0;
  for (const path of paths) {
    const { size, mtimeMs, ctimeMs, ino } = lstatSync(`${base}/${path}`);
    states[at++] = size;
    states[at++] = mtimeMs;
    states[at++] = ctimeMs;
    states[at++] = ino;
  }
  return { paths, states };
}
