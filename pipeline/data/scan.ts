import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Files as they lie on disk, in columns: 70,000 objects would cost more than asking the disk. */
export interface ScannedFiles {
  /** Relative to the dataset's path, with `/`; of a table its base name. */
  readonly paths: readonly string[];
  /** Of each file in turn: bytes, modified and changed (milliseconds with a fraction), inode. */
  readonly states: Float64Array<ArrayBuffer>;
}

/** How many numbers a file's state is. */
export const stateLength = 4;

/** What lies at a dataset's path. */
export interface Scan {
  readonly kind: 'images' | 'table';
  /** The folder that the files' paths are relative to. */
  readonly base: string;
  /** Sorted by path in code-unit order. Hidden files, and what is neither file nor folder, are left out. */
  readonly files: ScannedFiles;
}

/**
 * Walks a dataset; undefined if nothing is there. Synchronous: for 70,000 files it is four times as fast as
 * promises are.
 */
export function scanDataset(path: string): Scan | undefined {
  const found = lstatSync(path, ifThere);
  if (!found) return undefined;
  const columns = createColumns();
  if (found.isDirectory()) {
    walk(path, '', columns);
    return { kind: 'images', base: path, files: columns.files() };
  }
  columns.add(basename(path), found);
  return { kind: 'table', base: dirname(path), files: columns.files() };
}

const ifThere = { throwIfNoEntry: false } as const;

/**
 * Folders sort as `name/`, so that the walk yields whole paths in order and nothing is sorted twice. Names are
 * read without their types, because the states that are needed anyway have them.
 */
function walk(base: string, prefix: string, columns: Columns): void {
  const waiting: string[] = [];
  const walkWaiting = (before?: string) => {
    waiting.sort();
    while (waiting[0] !== undefined && (before === undefined || waiting[0] < before))
      walk(base, prefix + waiting.shift(), columns);
  };
  const folder = `${base}/${prefix}`;
  for (const name of readdirSync(folder).sort()) {
    const stats = name.startsWith('.') ? undefined : lstatSync(folder + name, ifThere);
    if (stats?.isDirectory()) waiting.push(`${name}/`);
    if (!stats?.isFile()) continue;
    if (waiting.length > 0) walkWaiting(name);
    columns.add(prefix + name, stats);
  }
  walkWaiting();
}

/** Files whose number is not known beforehand. */
export interface Columns {
  add(path: string, stats: Stats): void;
  files(): ScannedFiles;
}

/** Starts an empty list of files and their states. */
export function createColumns(): Columns {
  const paths: string[] = [];
  let states = new Float64Array(1024 * stateLength);
  return {
    add(path, { size, mtimeMs, ctimeMs, ino }) {
      let at = paths.push(path) * stateLength - stateLength;
      if (at === states.length) states = grow(states);
      states[at++] = size;
      states[at++] = mtimeMs;
      states[at++] = ctimeMs;
      states[at] = ino;
    },
    files: () => ({ paths, states: states.slice(0, paths.length * stateLength) }),
  };
}

function grow(states: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(states.length * 2);
  grown.set(states);
  return grown;
}

/** The states of files that exist. @param paths relative to the base */
export function scanFiles(base: string, paths: readonly string[]): ScannedFiles {
  const columns = createColumns();
  for (const path of paths) columns.add(path, lstatSync(`${base}/${path}`));
  return columns.files();
}
