import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isHiddenName } from '../../lib/hidden-name.ts';

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
    const stats = isHiddenName(name) ? undefined : lstatSync(folder + name, ifThere);
    if (stats?.isDirectory()) waiting.push(`${name}/`);
    if (!stats?.isFile()) continue;
    if (waiting.length > 0) walkWaiting(name);
    columns.add(prefix + name, stats);
  }
  walkWaiting();
}

/** Files whose number is not known beforehand. */
interface Columns {
  add(path: string, stats: Stats): void;
  files(): ScannedFiles;
}

function createColumns(): Columns {
  const paths: string[] = [];
  let states = new Float64Array(1024 * stateLength);
  return {
    add(path, stats) {
      const position = paths.push(path) - 1;
      if (position * stateLength === states.length) states = grow(states);
      putState(states, position, stats);
    },
    files: () => ({ paths, states: states.slice(0, paths.length * stateLength) }),
  };
}

function grow(states: ScannedFiles['states']): ScannedFiles['states'] {
  const grown = new Float64Array(states.length * 2);
  grown.set(states);
  return grown;
}

/** Sets a file's state in its columns. */
export function putState(
  states: ScannedFiles['states'],
  position: number,
  { size, mtimeMs, ctimeMs, ino }: Stats,
): void {
  const at = position * stateLength;
  states[at] = size;
  states[at + 1] = mtimeMs;
  states[at + 2] = ctimeMs;
  states[at + 3] = ino;
}
