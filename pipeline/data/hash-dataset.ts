import { join } from 'node:path';
import type { Digest } from '../lib/hash.ts';
import { digestBytes, digestFile } from '../lib/hash.ts';
import type { ManifestEntry, Workspace } from '../types.ts';
import { encodeManifest } from './manifest.ts';
import { type Scan, scanDataset } from './scan.ts';
import { type HashedFile, readStatCache, writeStatCache } from './stat-cache.ts';
import type { Store } from './store.ts';

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
 * @param store also stores every file that it lacks. @throws MainstemError DATA_CHANGING, FILE_UNREADABLE
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
  const digests = scan.files.map(cache.digestOf);
  const wanted = store ? await lacking(store, digests) : missing(digests);
  const fresh = await readFiles(workspace, scan, wanted, store);
  wanted.forEach((at, position) => {
    digests[at] = fresh[position];
  });
  const files = scan.files.flatMap((file, at): HashedFile[] => {
    const digest = digests[at];
    return digest ? [{ file, entry: { path: file.path, digest, bytes: file.bytes } }] : [];
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

function missing(digests: readonly (Digest | undefined)[]): number[] {
  return digests.flatMap((digest, at) => (digest === undefined ? [at] : []));
}

async function lacking(store: Store, digests: readonly (Digest | undefined)[]): Promise<number[]> {
  const positions: number[] = [];
  for (const [at, digest] of digests.entries()) {
    if (digest === undefined || !(store.packs.find(digest) || (await store.objects.has(digest)))) {
      positions.push(at);
    }
  }
  return positions;
}

/** Digests of the files at these positions of the scan. */
async function readFiles(
  { reporter, signal }: Workspace,
  scan: Scan,
  positions: readonly number[],
  store: Store | undefined,
): Promise<Digest[]> {
  const paths = positions.map((at) => `${scan.base}/${scan.files[at]?.path ?? ''}`);
  const progress = reporter.progress(store ? 'Locking' : 'Hashing', paths.length, 'files');
  try {
    if (store) {
      const artefacts = await store.putFiles(paths, { onProgress: progress.update, signal });
      return artefacts.map(({ digest }) => digest);
    }
    const digests: Digest[] = [];
    for (const path of paths) {
      signal.throwIfAborted();
      digests.push(await digestFile(path));
      progress.update(digests.length);
    }
    return digests;
  } finally {
    progress.end();
  }
}
