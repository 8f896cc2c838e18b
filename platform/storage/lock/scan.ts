import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { readNames } from '../../lib/file-names.ts';
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

/** What a dataset leaves out. */
export type LeftOutKind = 'link' | 'special file' | 'empty folder' | 'hidden name';

/** The files at a dataset's path. */
export interface Scan {
  readonly kind: 'images' | 'table';
  /** The folder that the files' paths are relative to. */
  readonly base: string;
  /** Sorted by path in code-unit order. */
  readonly files: ScannedFiles;
  /** Paths of what is neither a file nor a folder with files, and of what is hidden. */
  readonly leftOut: Readonly<Record<LeftOutKind, readonly string[]>>;
}

/**
 * Walks a dataset; undefined if nothing is there. The dataset's own path may be a link; links inside are left out.
 * Synchronous: for 70,000 files that is four times as fast as promises.
 *
 * @param path relative to `root`
 * @throws MainstemError DATA_NAME_INVALID, FILE_UNREADABLE
 */
export function scanDataset(root: string, path: string): Scan | undefined {
  try {
    return scanPlace(join(root, path), path);
  } catch (cause) {
    throw cause instanceof MainstemError ? cause : unreadable(root, path, cause);
  }
}

function scanPlace(place: string, shown: string): Scan | undefined {
  const found = statSync(place, ifThere);
  if (!found) return assertNoLink(place, shown);
  const columns = createColumns();
  const leftOut = { link: [], 'special file': [], 'empty folder': [], 'hidden name': [] };
  if (found.isDirectory()) {
    walk({ base: place, shown, columns, leftOut }, '');
    return { kind: 'images', base: place, files: columns.files(), leftOut };
  }
  if (!found.isFile()) throw invalidPlace(shown, 'it is neither a file nor a folder');
  columns.add(basename(place), found);
  return { kind: 'table', base: dirname(place), files: columns.files(), leftOut };
}

const ifThere = { throwIfNoEntry: false } as const;

function assertNoLink(place: string, shown: string): undefined {
  if (!lstatSync(place, ifThere)) return undefined;
  throw invalidPlace(shown, `it is a link to ${readlinkSync(place)}, which does not exist`);
}

function invalidPlace(path: string, reason: string): MainstemError {
  return new MainstemError('FILE_UNREADABLE', { path, reason });
}

function unreadable(root: string, path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  const at = 'path' in cause ? relative(root, String(cause.path)) : path;
  return new MainstemError('FILE_UNREADABLE', { path: at, reason: cause.code }, { cause });
}

interface Walk {
  readonly base: string;
  /** What errors call the base. */
  readonly shown: string;
  readonly columns: Columns;
  readonly leftOut: Record<LeftOutKind, string[]>;
}

/**
 * Folders sort as `name/`, so that the walk yields whole paths in order and nothing is sorted twice. Names are
 * read without their types, because the states that are needed anyway have them.
 */
function walk(dataset: Walk, prefix: string): void {
  const { base, shown, columns, leftOut } = dataset;
  const waiting: string[] = [];
  const walkWaiting = (before?: string) => {
    waiting.sort();
    while (waiting[0] !== undefined && (before === undefined || waiting[0] < before))
      walk(dataset, prefix + waiting.shift());
  };
  const folder = `${base}/${prefix}`;
  let empty = prefix !== '';
  for (const name of readNames(folder, join(shown, prefix)).sort()) {
    const path = prefix + name;
    if (isHiddenName(name)) {
      leftOut['hidden name'].push(path);
      continue;
    }
    empty = false;
    const stats = lstatSync(folder + name, ifThere);
    if (stats?.isDirectory()) waiting.push(`${name}/`);
    else if (stats && !stats.isFile()) leftOut[kindOf(stats)].push(path);
    if (!stats?.isFile()) continue;
    if (waiting.length > 0) walkWaiting(name);
    columns.add(path, stats);
  }
  if (empty) leftOut['empty folder'].push(prefix.slice(0, -1));
  walkWaiting();
}

function kindOf(stats: Stats): LeftOutKind {
  return stats.isSymbolicLink() ? 'link' : 'special file';
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
