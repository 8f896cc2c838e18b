import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { writeCacheFile } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import type { ScannedFiles } from './scan.ts';
import { stateLength } from './scan.ts';
import { decodeStatCache, encodeStatCache, type RememberedFiles } from './stat-cache-file.ts';

/*
 * Remembers the digests of files, so that a file with unchanged size, times and inode is not read again.
 * A file written in the clock tick in which it was hashed may have changed with equal times; such "racily
 * clean" entries are not trusted (as in git's index): their time is NaN, which equals nothing.
 */

/** What is remembered about one dataset. */
export interface StatCache {
  /** Digest of the manifest of all remembered files; '' if unknown. */
  readonly manifest: Digest | '';
  /** Digests of files; undefined for those that may have changed. @param files sorted by path */
  digestsOf(files: ScannedFiles): (Digest | undefined)[];
  /** Whether exactly these files are remembered and trusted. */
  covers(files: ScannedFiles): boolean;
}

const nothing: RememberedFiles = {
  manifest: '',
  paths: [],
  states: new Float64Array(),
  equals: () => false,
  digestAt: () => undefined,
};

/** Reads the cache of a dataset; a missing or damaged one counts as empty, since it only saves time. */
export async function readStatCache(root: string, datasetPath: string): Promise<StatCache> {
  const data = await readFile(cachePath(root, datasetPath)).catch(() => undefined);
  const known = (data && decodeStatCache(data)) ?? nothing;
  return {
    manifest: known.manifest,
    covers: known.equals,
    digestsOf: (files) => matchFiles(known, files),
  };
}

/** Files as they were before they were read, and their digests. */
export interface HashedFiles {
  readonly manifest: Digest;
  readonly files: ScannedFiles;
  /** Digests in the order of the files. */
  readonly digests: readonly Digest[];
  /** Milliseconds when the first of the files was scanned. */
  readonly hashedAt: number;
}

/** Writes a dataset's cache, if it can be written. */
export async function writeStatCache(
  root: string,
  datasetPath: string,
  { manifest, files, digests, hashedAt }: HashedFiles,
): Promise<void> {
  const { paths } = files;
  const states = distrustRacy(files.states, hashedAt);
  const data = encodeStatCache({ manifest, paths, states, digests });
  await writeCacheFile(cachePath(root, datasetPath), data);
}

/** Clocks of whole seconds (FAT, HFS+, some network file systems) tick up to every 2 s, others every few ms. */
function distrustRacy(states: ScannedFiles['states'], hashedAt: number): Float64Array<ArrayBuffer> {
  const trusted = states.slice();
  for (let at = 0; at < states.length; at += stateLength) {
    const [modified = 0, changed = 0] = [states[at + 1], states[at + 2]];
    const coarse = modified % 1000 === 0 && changed % 1000 === 0;
    const tick = coarse ? 2_000 : 20;
    if (Math.max(modified, changed) + tick > hashedAt) trusted[at + 1] = Number.NaN;
  }
  return trusted;
}

function cachePath(root: string, datasetPath: string): string {
  const name = createHash('sha256').update(datasetPath).digest('hex').slice(0, 16);
  return join(root, '.mainstem', 'stat-cache', name);
}

/** Both are sorted by path, so one pass over both is enough. */
function matchFiles(known: RememberedFiles, files: ScannedFiles): (Digest | undefined)[] {
  const { paths, states } = known;
  if (paths.length === 0) return Array.from(files.paths, () => undefined);
  let next = 0;
  return files.paths.map((path, at) => {
    while ((paths[next] ?? path) < path) next++;
    if (paths[next] !== path) return undefined;
    return sameState(states, next, files.states, at) ? known.digestAt(next) : undefined;
  });
}

function sameState(a: Float64Array, first: number, b: Float64Array, second: number): boolean {
  for (let part = 0; part < stateLength; part++) {
    if (a[first * stateLength + part] !== b[second * stateLength + part]) return false;
  }
  return true;
}
