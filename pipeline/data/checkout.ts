import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../lib/errors.ts';
import { git } from '../lib/git.ts';
import { digestBytes } from '../lib/hash.ts';
import type { LockedDataset, ManifestEntry, Workspace } from '../types.ts';
import { hashDataset } from './hash-dataset.ts';
import { encodeManifest, readManifest } from './manifest.ts';
import { scanFile } from './scan.ts';
import { writeStatCache } from './stat-cache.ts';
import type { Store } from './store.ts';

/** What checking out one dataset did. */
export const CheckoutResult = Type.Object({
  path: Type.String(),
  /** git tracks the files themselves, so git checks them out. */
  tracked: Type.Boolean(),
  written: Type.Integer(),
  unchanged: Type.Integer(),
  removed: Type.Integer(),
  /** Files that the lock does not name and that were left. */
  extra: Type.Array(Type.String()),
});
export type CheckoutResult = Static<typeof CheckoutResult>;

/**
 * Makes a dataset's files on disk what the lock says: writes those that differ, removes those that the lock
 * does not name only with `force`.
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
  const present = new Map(working?.entries().map((entry) => [entry.path, entry]));
  const write = target.filter((entry) => present.get(entry.path)?.digest !== entry.digest);
  for (const { path: wanted } of target) present.delete(wanted);
  const extra = [...present.keys()];
  const base = locked.kind === 'images' ? join(root, path) : dirname(join(root, path));
  if (!force) await assertNothingLost(store, base, write, extra);
  const removed = force ? await removeFiles(base, extra) : 0;
  await writeFiles(workspace, store, base, write);
  if (force || extra.length === 0) await rememberFiles(root, path, base, target);
  const counts = { written: write.length, unchanged: target.length - write.length, removed };
  return { path, tracked: false, ...counts, extra: force ? [] : extra };
}

/** Outside a repository nothing is tracked. */
function trackedFiles(root: string, path: string): Promise<string> {
  return git(root, 'ls-files', '--', path).catch(() => '');
}

/** What an interrupted checkout left half-written is the beginning of the wanted file: no loss either. */
async function assertNothingLost(
  store: Store,
  base: string,
  write: readonly ManifestEntry[],
  extra: readonly string[],
): Promise<void> {
  const lost: string[] = [];
  for (const { path, digest } of write) {
    const content = await readFile(join(base, path)).catch(ifNoFile);
    if (content === undefined || (await store.has(digestBytes(content)))) continue;
    const wanted = await store.get(digest);
    if (Buffer.compare(content, wanted.subarray(0, content.length)) !== 0) lost.push(path);
  }
  const wantedFolders = new Set(write.flatMap(({ path }) => foldersOf(path)));
  lost.push(...extra.filter((path) => wantedFolders.has(path)));
  const [example] = lost;
  if (example === undefined) return;
  throw new MainstemError('CHECKOUT_CONFLICT', { count: lost.length, example, files: lost });
}

function ifNoFile(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return;
  throw error;
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
  // A folder that still holds something stays.
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
  let done = 0;
  try {
    for (const { path, digest } of inStoreOrder(store, entries)) {
      if (++done % 256 === 0) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
        progress.update(done);
      }
      const file = join(base, path);
      const folder = dirname(file);
      if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
      folders.add(folder);
      const small = store.packs.read(digest);
      if (!small || !writeNew(file, small)) await replaceFile(store, digest, file);
    }
  } finally {
    progress.end();
  }
}

/** Reading packs from front to end is what disks and read-ahead like. */
function inStoreOrder(store: Store, entries: readonly ManifestEntry[]): readonly ManifestEntry[] {
  const places = entries.map((entry) => {
    const found = store.packs.find(entry.digest);
    return { entry, pack: found?.pack.name ?? '', offset: found?.entry.offset ?? 0 };
  });
  places.sort((a, b) => (a.pack === b.pack ? a.offset - b.offset : a.pack < b.pack ? -1 : 1));
  return places.map(({ entry }) => entry);
}

/** Writes a file unless there is one. */
function writeNew(file: string, bytes: Uint8Array): boolean {
  try {
    writeFileSync(file, bytes, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** An existing file is replaced as a whole, so that it is never half old and half new. */
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

/** What was just written and verified need not be hashed by the next status. */
async function rememberFiles(
  root: string,
  path: string,
  base: string,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const hashedAt = Date.now();
  const files = entries.map((entry) => ({
    file: scanFile(`${base}/${entry.path}`, entry.path),
    entry,
  }));
  await writeStatCache(root, path, {
    manifest: digestBytes(encodeManifest(entries)),
    files,
    hashedAt,
  });
}
