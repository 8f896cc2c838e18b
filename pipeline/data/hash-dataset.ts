import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../lib/hash.ts';
import { digestBytes } from '../lib/hash.ts';
import type { ManifestEntry, Workspace } from '../types.ts';
import { encodeManifest } from './manifest.ts';
import { digestLarge } from './object-folder.ts';
import { type Scan, scanDataset } from './scan.ts';
import { type HashedFile, readStatCache, writeStatCache } from './stat-cache.ts';
import type { Store } from './store.ts';
import { visitFiles } from './visit-files.ts';

/** A dataset as it lies on disk now. */
export interface WorkingDataset {
  readonly kind: 'images' | 'table';
  /** Digest of the manifest. */
  readonly digest: Digest;
  /** Sorted by path. Only built when asked for: an unchanged dataset needs none. */
  readonly entries: () => ManifestEntry[];
  /** How many files had to be read. */
  readonly hashed: number;
}

/**
 * What lies at a dataset's path, reading only files that changed since they were last hashed; undefined if
 * nothing is there.
 *
 * @param store also stores every file that it lacks. @throws MainstemError FILE_UNREADABLE
 */
export async function hashDataset(
  workspace: Workspace,
  path: string,
  store?: Store,
): Promise<WorkingDataset | undefined> {
  const { root } = workspace;
  const hashedAt = Date.now();
  const scan = scanDataset(join(root, path));
  if (!scan) return undefined;
  const cache = await readStatCache(root, path);
  if (!store && cache.manifest !== '' && cache.covers(scan.files)) {
    const entries = () => knownEntries(scan, cache.digestOf);
    return { kind: scan.kind, digest: cache.manifest, entries, hashed: 0 };
  }
  const known = scan.files.map(cache.digestOf);
  const wanted = await positionsToRead(known, store);
  const fresh = await readFiles(workspace, scan, wanted, store);
  const readAt = new Map(wanted.map((at, position) => [at, fresh[position]]));
  const files = scan.files.flatMap((file, at): HashedFile[] => {
    const { path } = file;
    const { digest, bytes } = readAt.get(at) ?? { digest: known[at], bytes: file.bytes };
    return digest ? [{ file, entry: { path, digest, bytes } }] : [];
  });
  const entries = files.map(({ entry }) => entry);
  const manifest = digestBytes(encodeManifest(entries));
  await writeStatCache(root, path, { manifest, files, hashedAt });
  return { kind: scan.kind, digest: manifest, entries: () => entries, hashed: wanted.length };
}

function knownEntries(
  scan: Scan,
  digestOf: (file: Scan['files'][number]) => Digest | undefined,
): ManifestEntry[] {
  return scan.files.flatMap((file) => {
    const digest = digestOf(file);
    return digest ? [{ path: file.path, digest, bytes: file.bytes }] : [];
  });
}

/** Files whose digest is not known, or whose bytes the store lacks. */
async function positionsToRead(
  known: readonly (Digest | undefined)[],
  store: Store | undefined,
): Promise<number[]> {
  const positions: number[] = [];
  for (const [at, digest] of known.entries()) {
    if (digest && (!store || store.packs.find(digest))) continue;
    if (digest && (await store?.objects.has(digest))) continue;
    positions.push(at);
  }
  return positions;
}

interface ReadFile {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Digests and sizes of the files at these positions of the scan. */
async function readFiles(
  { reporter, signal }: Workspace,
  scan: Scan,
  positions: readonly number[],
  store: Store | undefined,
): Promise<ReadFile[]> {
  const paths = positions.map((at) => `${scan.base}/${scan.files[at]?.path ?? ''}`);
  const progress = reporter.progress(store ? 'Storing' : 'Hashing', paths.length, 'files');
  const options = { onProgress: progress.update, signal };
  try {
    if (store) return await store.putFiles(paths, options);
    return await visitFiles<ReadFile>(paths, { small: hashSmall, large: hashLarge }, options);
  } finally {
    progress.end();
  }
}

function hashSmall(bytes: Uint8Array): ReadFile {
  return { digest: `sha256:${hash('sha256', bytes, 'hex')}`, bytes: bytes.length };
}

async function hashLarge(path: string): Promise<ReadFile> {
  return { digest: await digestLarge(path), bytes: (await stat(path)).size };
}
