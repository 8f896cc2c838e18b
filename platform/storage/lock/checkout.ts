import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { git } from '../../lib/git.ts';
import type { Digest } from '../../lib/hash.ts';
import type { LockedDataset, ManifestEntry, Workspace } from '../../schemas/index.ts';
import type { Place } from '../store/pack-folder.ts';
import type { Store } from '../store/store.ts';
import { hashDataset } from './hash-dataset.ts';
import { readManifest } from './manifest.ts';
import { scanFiles } from './scan.ts';
import { writeStatCache } from './stat-cache.ts';

/** What checking out one dataset did. */
export const CheckoutResult = Type.Object({
  path: Type.String(),
  /** Whether git tracks the files themselves; then git checks them out. */
  tracked: Type.Boolean(),
  written: Type.Integer(),
  unchanged: Type.Integer(),
  removed: Type.Integer(),
  /** Files that the lock does not name and that were left in place. */
  extra: Type.Array(Type.String()),
});
export type CheckoutResult = Static<typeof CheckoutResult>;

/**
 * Makes a dataset's files on disk match the lock: writes those that differ; removes those that the lock does not name
 * only with `force`. A file that is missing from the store does not prevent others from being written.
 *
 * @throws MainstemError CHECKOUT_CONFLICT for changes that the store does not hold, STORE_MISSING, STORE_CORRUPT
 */
export async function checkoutDataset(
  workspace: Workspace,
  store: Store,
  locked: LockedDataset,
  force: boolean,
): Promise<CheckoutResult> {
  const { root } = workspace;
  const { path } = locked;
  const nothing = { path, tracked: false, written: 0, unchanged: 0, removed: 0, extra: [] };
  if ((await trackedFiles(root, path)) !== '') return { ...nothing, tracked: true };
  const working = await hashDataset(workspace, path);
  if (working?.digest === locked.digest) return { ...nothing, unchanged: locked.files };
  const target = await readManifest(store, locked);
  const changes = planChanges(working?.entries() ?? [], target);
  const { write, extra } = changes;
  const base = locked.kind === 'images' ? join(root, path) : dirname(join(root, path));
  if (!force && working) await assertNothingLost(store, base, changes);
  const removed = force ? await removeFiles(base, extra) : 0;
  await writeFiles(workspace, store, base, write);
  if (force || extra.length === 0) await rememberFiles(root, locked, base, target);
  const counts = { written: write.length, unchanged: target.length - write.length, removed };
  return { path, tracked: false, ...counts, extra: force ? [] : [...extra] };
}

interface Changes {
  readonly write: readonly ManifestEntry[];
  /** For each file to write that exists: its current digest. */
  readonly replaced: ReadonlyMap<string, Digest>;
  /** Files on disk that the target does not name. */
  readonly extra: readonly string[];
}

function planChanges(working: readonly ManifestEntry[], target: readonly ManifestEntry[]): Changes {
  const present = new Map(working.map(({ path, digest }) => [path, digest]));
  const write = target.filter(({ path, digest }) => present.get(path) !== digest);
  const wanted = new Set(target.map(({ path }) => path));
  const extra = working.map(({ path }) => path).filter((path) => !wanted.has(path));
  return { write, replaced: present, extra };
}

/** Outside a repository nothing is tracked. */
function trackedFiles(root: string, path: string): Promise<string> {
  return git(root, 'ls-files', '--', path).catch(() => '');
}

/** A file that an interrupted checkout left half-written is the beginning of the wanted file: nothing is lost. */
async function assertNothingLost(store: Store, base: string, changes: Changes): Promise<void> {
  const lost: string[] = [];
  for (const { path, digest } of changes.write) {
    const present = changes.replaced.get(path);
    if (present === undefined || (await store.has(present))) continue;
    const [content, wanted] = await Promise.all([readFile(join(base, path)), store.get(digest)]);
    if (Buffer.compare(content, wanted.subarray(0, content.length)) !== 0) lost.push(path);
  }
  const wantedFolders = new Set(changes.write.flatMap(({ path }) => foldersOf(path)));
  lost.push(...changes.extra.filter((path) => wantedFolders.has(path)));
  const [example] = lost;
  if (example === undefined) return;
  throw new MainstemError('CHECKOUT_CONFLICT', { count: lost.length, example, files: lost });
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

async function removeFiles(base: string, paths: readonly string[]): Promise<number> {
  const folders = new Set<string>();
  for (const path of paths) {
    await rm(join(base, path), { force: true });
    for (const folder of foldersOf(path)) folders.add(folder);
  }
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length);
  // A folder that is not empty stays.
  for (const folder of deepestFirst) await rmdir(join(base, folder)).catch(() => undefined);
  return paths.length;
}

async function writeFiles(
  { reporter, signal }: Workspace,
  store: Store,
  base: string,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const progress = reporter.progress('Checking out', entries.length, 'files');
  const folders = new Set<string>();
  const failures: MainstemError[] = [];
  let done = 0;
  try {
    for (const { entry, place } of inStoreOrder(store, entries)) {
      if (++done % 256 === 0) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
        progress.update(done);
      }
      const file = `${base}/${entry.path}`;
      const folder = file.slice(0, file.lastIndexOf('/'));
      if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
      folders.add(folder);
      await writeEntry(store, entry.digest, place, file).catch(collectStoreErrors(failures));
    }
  } finally {
    progress.end();
  }
  const [first] = failures;
  if (first) throw first;
}

async function writeEntry(
  store: Store,
  digest: Digest,
  place: Place | undefined,
  file: string,
): Promise<void> {
  const written = place !== undefined && writeNew(file, store.packs.readNext(place));
  if (!written) await replaceFile(store, digest, file);
}

/** For `.catch`: collects what is missing from the store, and rethrows every other error. */
export function collectStoreErrors(failures: MainstemError[]): (error: unknown) => undefined {
  return (error) => {
    const known =
      isMainstemError(error, 'STORE_CORRUPT') || isMainstemError(error, 'STORE_MISSING');
    if (!known) throw error;
    failures.push(error);
    return undefined;
  };
}

interface Placed {
  readonly entry: ManifestEntry;
  readonly place: Place | undefined;
}

/** Disks and read-ahead are fastest when packs are read from front to back. */
function inStoreOrder(store: Store, entries: readonly ManifestEntry[]): Placed[] {
  const placed = entries.map((entry) => ({ entry, place: store.packs.find(entry.digest) }));
  const order = (a: Placed, b: Placed) => {
    const [left, right] = [a.place?.pack.name ?? '', b.place?.pack.name ?? ''];
    if (left !== right) return left < right ? -1 : 1;
    return (a.place?.entry.offset ?? 0) - (b.place?.entry.offset ?? 0);
  };
  return placed.sort(order);
}

/** Writes a file unless it exists. */
function writeNew(file: string, bytes: Uint8Array): boolean {
  try {
    writeFileSync(file, bytes, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Replaces an existing file as a whole, so that it is never half old and half new. */
async function replaceFile(
  store: Store,
  digest: LockedDataset['digest'],
  file: string,
): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await store.exportTo(digest, temporary);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Files that were just written and verified need not be hashed by the next status. */
async function rememberFiles(
  root: string,
  { path, digest: manifest }: LockedDataset,
  base: string,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const hashedAt = Date.now();
  const paths = entries.map((entry) => entry.path);
  await writeStatCache(root, path, {
    manifest,
    files: scanFiles(base, paths),
    digests: entries.map(({ digest }) => digest),
    hashedAt,
  });
}
