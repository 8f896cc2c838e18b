import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file of a dataset as it lies on disk. */
export interface ScannedFile {
  /** Relative to the dataset's path, with `/`; of a table its base name. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds with a fraction. */
  readonly modified: number;
  readonly changed: number;
  readonly inode: number;
}

/** What lies at a dataset's path. */
export interface Scan {
  readonly kind: 'images' | 'table';
  /** The folder that the files' paths are relative to. */
  readonly base: string;
  /** Sorted by path in code-unit order. Hidden files, and what is neither file nor folder, are left out. */
  readonly files: readonly ScannedFile[];
}

/**
 * Walks a dataset; undefined if nothing is there. Synchronous: for 70,000 files it is four times as fast as
 * promises are.
 */
export function scanDataset(path: string): Scan | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isDirectory()) {
    return { kind: 'table', base: dirname(path), files: [scanFile(path, basename(path))] };
  }
  const files: ScannedFile[] = [];
  walk(path, '', files);
  return { kind: 'images', base: path, files };
}

/** Folders sort as `name/`, so that the walk yields whole paths in order and nothing is sorted twice. */
function walk(base: string, prefix: string, files: ScannedFile[]): void {
  const names = readdirSync(join(base, prefix), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
  for (const name of names) {
    if (name.endsWith('/')) walk(base, prefix + name, files);
    else files.push(scanFile(`${base}/${prefix}${name}`, prefix + name));
  }
}

/** The state of one file. @param name what its path in the dataset is */
export function scanFile(path: string, name: string): ScannedFile {
  const stat = lstatSync(path);
  return {
    path: name,
    bytes: stat.size,
    modified: stat.mtimeMs,
    changed: stat.ctimeMs,
    inode: stat.ino,
  };
}
