import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestBytes } from '../../lib/hash.ts';
import type { ManifestEntry, Workspace } from '../../schemas/index.ts';
import { findDamaged } from '../store/damaged.ts';
import { digestLarge } from '../store/object-folder.ts';
import { readSteadily } from '../store/steady-file.ts';
import type { Store } from '../store/store.ts';
import { visitFiles } from '../store/visit-files.ts';
import { assertCheckedOut, assertFetched } from './assert-fetched.ts';
import { assertNoTwins } from './collisions.ts';
import { encodeManifest } from './manifest.ts';
import { type Scan, scanDataset, stateLength } from './scan.ts';
import { readStatCache, writeStatCache } from './stat-cache.ts';

/** A dataset as it is on disk now. */
export interface WorkingDataset {
  readonly kind: 'images' | 'table';
  /** Digest of the manifest. */
  readonly digest: Digest;
  /** Files sorted by path. Built only when called: an unchanged dataset needs no list. */
  readonly entries: () => ManifestEntry[];
  /** The manifest itself, whose digest `digest` is. */
  readonly manifest: () => string;
  /** How many files had to be read. */
  readonly hashed: number;
  readonly leftOut: Scan['leftOut'];
}

/**
 * Hashes the dataset at a path, reading only files that have changed since they were last hashed; undefined if nothing
 * is there.
 *
 * @param store if given, stores every file that it lacks.
 * @throws MainstemError FILE_UNREADABLE, FILE_CHANGED, DATA_NAME_INVALID, DATA_NAMES_ALIKE, DATA_SUBMODULE; with a store
 *   DATA_NOT_FETCHED
 */
export async function hashDataset(
  workspace: Workspace,
  path: string,
  store?: Store,
): Promise<WorkingDataset | undefined> {
  const { root } = workspace;
  const hashedAt = Date.now();
  const scan = scanDataset(root, path);
  if (!scan || scan.files.paths.length === 0) await assertCheckedOut(root, path);
  if (!scan) return undefined;
  const { kind, leftOut } = scan;
  const cache = await readStatCache(root, path);
  if (!store && cache.manifest !== '' && cache.covers(scan.files)) {
    const entries = () => entriesOf(scan, cache.digestsOf(scan.files));
    const manifest = () => encodeManifest(entries());
    return { kind, leftOut, digest: cache.manifest, entries, manifest, hashed: 0 };
  }
  assertNoTwins(path, scan.files.paths);
  const known = cache.digestsOf(scan.files);
  const wanted = await positionsToRead(known, store);
  if (store) assertFetched(scan, path, wanted);
  const fresh = await readFiles(workspace, scan, wanted, store);
  const read: ReadFile[] = [];
  for (const [position, file] of fresh.entries()) read[wanted[position] ?? 0] = file;
  assertSteady(scan, path, read);
  const entries = entriesOf(scan, known, read);
  const manifest = encodeManifest(entries);
  const digest = digestBytes(manifest);
  const digests = entries.map((entry) => entry.digest);
  await writeStatCache(root, path, { manifest: digest, files: scan.files, digests, hashedAt });
  return {
    kind,
    leftOut,
    digest,
    entries: () => entries,
    manifest: () => manifest,
    hashed: wanted.length,
  };
}

/**
 * Lists the dataset's files.
 *
 * @param read facts of the files that were read; the others keep digest and scanned size.
 */
function entriesOf(
  { files: { paths, states } }: Scan,
  known: readonly (Digest | undefined)[],
  read: readonly (ReadFile | undefined)[] = [],
): ManifestEntry[] {
  return paths.map((path, at) => {
    const file = read[at];
    const digest = file ? file.digest : known[at];
    const bytes = file ? file.bytes : states[at * stateLength];
    if (!digest || bytes === undefined) throw new Error(`neither known nor read: ${path}`);
    return { path, digest, bytes };
  });
}

/** Files whose digest is not known, or of whose bytes the store has no intact copy. */
async function positionsToRead(
  known: readonly (Digest | undefined)[],
  store: Store | undefined,
): Promise<number[]> {
  const unpacked = store ? known.filter((digest) => digest && !store.packs.find(digest)) : [];
  const damaged =
    store &&
    (await findDamaged(
      store,
      unpacked.filter((digest) => digest !== undefined),
    ));
  const positions: number[] = [];
  for (const [at, digest] of known.entries()) {
    if (digest && (!store || store.packs.find(digest))) continue;
    if (digest && !damaged?.has(digest) && (await store?.objects.has(digest))) continue;
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
  const paths = positions.map((at) => `${scan.base}/${scan.files.paths[at] ?? ''}`);
  const progress = reporter.progress(store ? 'Storing' : 'Hashing', paths.length, 'files');
  const options = { onProgress: progress.update, signal };
  try {
    if (store) return await store.putFiles(paths, options);
    return await visitFiles<ReadFile>(paths, { small: hashSmall, large: hashLarge }, options);
  } finally {
    progress.end();
  }
}

function hashSmall(bytes: Uint8Array, digest: Digest): ReadFile {
  return { digest, bytes: bytes.length };
}

/** A file with other bytes than when it was found may have been read half-written. */
function assertSteady(
  { kind, files: { paths, states } }: Scan,
  path: string,
  read: readonly (ReadFile | undefined)[],
): void {
  const changed = read.findIndex((file, at) => file && file.bytes !== states[at * stateLength]);
  if (changed < 0) return;
  const file = kind === 'images' ? `${path}/${paths[changed]}` : path;
  throw new MainstemError('FILE_CHANGED', { path: file });
}

function hashLarge(path: string): Promise<ReadFile> {
  return readSteadily(path, async ({ size }) => ({ digest: await digestLarge(path), bytes: size }));
}
