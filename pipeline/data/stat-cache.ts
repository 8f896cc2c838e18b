import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { writeFileAtomic } from '../lib/files.ts';
import type { Digest } from '../lib/hash.ts';
import { hexOf } from '../lib/hash.ts';
import type { ManifestEntry } from '../types.ts';
import type { ScannedFile } from './scan.ts';

/*
 * Remembers what files hash to, so that a file whose size, times and inode are as they were is not read again.
 * A file written in the clock tick in which it was hashed may have changed with equal times; such "racily
 * clean" entries are not trusted (as in git's index).
 */

/** Column by column, because parsing few long arrays is several times faster than many small objects. */
const CacheFile = Type.Object({
  version: Type.Literal(1),
  manifest: Type.String(),
  paths: Type.Array(Type.String()),
  hex: Type.String(),
  bytes: Type.Array(Type.Number()),
  modified: Type.Array(Type.Number()),
  changed: Type.Array(Type.Number()),
  inode: Type.Array(Type.Number()),
});
type CacheFile = Static<typeof CacheFile>;

/** What is remembered of one dataset. */
export interface StatCache {
  /** Digest of the manifest that all remembered files make; '' if unknown. */
  readonly manifest: Digest | '';
  /** Digest of a file if it is trusted to be unchanged. Fast when asked in the order of paths. */
  digestOf(file: ScannedFile): Digest | undefined;
  /** Whether exactly these files are remembered and trusted. */
  covers(files: readonly ScannedFile[]): boolean;
}

/** Reads the cache of a dataset; a missing or damaged one is empty, for it only saves time. */
export async function readStatCache(root: string, datasetPath: string): Promise<StatCache> {
  const text = await readFile(cachePath(root, datasetPath), 'utf8').catch(() => '');
  const cache = parseCache(text);
  let next = 0;
  const indexOf = (path: string) => {
    if (cache.paths[next] !== path) next = search(cache.paths, path);
    return cache.paths[next] === path ? next++ : -1;
  };
  const digestOf = (file: ScannedFile) => {
    const at = indexOf(file.path);
    if (at < 0 || !sameStat(cache, at, file)) return undefined;
    return `sha256:${cache.hex.slice(at * 64, at * 64 + 64)}` as const;
  };
  return {
    manifest: /^sha256:/.test(cache.manifest) ? `sha256:${cache.manifest.slice(7)}` : '',
    digestOf,
    covers: (files) =>
      files.length === cache.paths.length &&
      files.every((file, at) => cache.paths[at] === file.path && sameStat(cache, at, file)),
  };
}

/** One file's state before it was read, and what it then hashed to. */
export interface HashedFile {
  readonly file: ScannedFile;
  readonly entry: ManifestEntry;
}

/**
 * Writes a dataset's cache.
 *
 * @param hashedAt milliseconds when the first of the files was scanned.
 */
export async function writeStatCache(
  root: string,
  datasetPath: string,
  {
    manifest,
    files,
    hashedAt,
  }: { manifest: Digest; files: readonly HashedFile[]; hashedAt: number },
): Promise<void> {
  const cache: CacheFile = {
    version: 1,
    manifest,
    paths: files.map(({ file }) => file.path),
    hex: files.map(({ entry }) => hexOf(entry.digest)).join(''),
    bytes: files.map(({ file }) => file.bytes),
    modified: files.map(({ file }) => (isRacy(file, hashedAt) ? -1 : file.modified)),
    changed: files.map(({ file }) => file.changed),
    inode: files.map(({ file }) => file.inode),
  };
  await writeFileAtomic(cachePath(root, datasetPath), JSON.stringify(cache));
}

/** Clocks of whole seconds (FAT, HFS+, some network file systems) tick up to every 2 s, others every few ms. */
function isRacy(file: ScannedFile, hashedAt: number): boolean {
  const coarse = file.modified % 1000 === 0 && file.changed % 1000 === 0;
  const tick = coarse ? 2_000 : 20;
  return Math.max(file.modified, file.changed) + tick > hashedAt;
}

function cachePath(root: string, datasetPath: string): string {
  const name = createHash('sha256').update(datasetPath).digest('hex').slice(0, 16);
  return join(root, '.mainstem', 'stat-cache', `${name}.json`);
}

const empty: CacheFile = {
  version: 1,
  manifest: '',
  paths: [],
  hex: '',
  bytes: [],
  modified: [],
  changed: [],
  inode: [],
};

function parseCache(text: string): CacheFile {
  try {
    const value: Partial<CacheFile> = JSON.parse(text);
    const whole = value.version === 1 && value.hex?.length === 64 * (value.paths?.length ?? 0);
    return whole ? { ...empty, ...value } : empty;
  } catch {
    return empty;
  }
}

function sameStat(cache: CacheFile, at: number, file: ScannedFile): boolean {
  return (
    cache.modified[at] === file.modified &&
    cache.changed[at] === file.changed &&
    cache.bytes[at] === file.bytes &&
    cache.inode[at] === file.inode
  );
}

/** The position of a path in sorted paths, or where it would be. */
function search(paths: readonly string[], path: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((paths[middle] ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}
