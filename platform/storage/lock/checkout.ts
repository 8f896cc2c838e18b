import { statSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../../lib/errors.ts';
import { findPlaceFault } from '../../lib/find-place-fault.ts';
import { git, otherwise } from '../../lib/git.ts';
import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import type { LockedDataset, ManifestEntry, Workspace } from '../../schemas/index.ts';
import type { Store } from '../store/store.ts';
import { assertVolumeHolds, foldersAbove } from './collisions.ts';
import { withDataTurn } from './data-turn.ts';
import { hashDataset } from './hash-dataset.ts';
import { readManifest } from './manifest.ts';
import { assertInside, assertSameKind, findObstacles, removeObstacles } from './obstacles.ts';
import { putState, type ScannedFiles, stateLength } from './scan.ts';
import { writeStatCache } from './stat-cache.ts';
import { writeFiles } from './write-files.ts';

/** What checking out one dataset did. */
export const CheckoutResult = Type.Object({
  path: Type.String(),
  /** Whether git tracks the files themselves; then git checks them out. */
  tracked: Type.Boolean(),
  /** Whether files that git tracks are not those of the lock. */
  differs: Type.Boolean(),
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
 * @throws MainstemError CHECKOUT_CONFLICT for changes that the store does not hold, DATA_NAMES_COLLIDE, DATA_INVALID,
 *   STORE_MISSING, STORE_CORRUPT
 */
export async function checkoutDataset(
  workspace: Workspace,
  store: Store,
  locked: LockedDataset,
  force: boolean,
): Promise<CheckoutResult> {
  const { path } = locked;
  const fault = findPlaceFault(path);
  if (fault) throw new MainstemError('DATA_INVALID', { path, reason: `it is the place, ${fault}` });
  if (await isTracked(workspace.root, path)) {
    return lookAtTracked(workspace, locked);
  }
  return withDataTurn(workspace, path, () => writeDataset(workspace, store, locked, force));
}

const untouched = {
  ...{ tracked: false, differs: false },
  ...{ written: 0, unchanged: 0, removed: 0, extra: [] },
};

/** What git has in the place of a dataset, which may not be there at all: in a submodule, behind pointers, or deleted. */
async function lookAtTracked(
  workspace: Workspace,
  { path, digest, files }: LockedDataset,
): Promise<CheckoutResult> {
  const working = await hashDataset(workspace, path);
  const differs = working?.digest !== digest;
  return { path, ...untouched, tracked: true, differs, unchanged: differs ? 0 : files };
}

/**
 * Makes a dataset's files what the lock says, for work that adds to them. Unlike {@link checkoutDataset} it also writes files that
 * git tracks: a lock may have been merged without them, and git holds what they were.
 *
 * @throws what {@link checkoutDataset} throws
 */
export async function restoreDataset(
  workspace: Workspace,
  store: Store,
  locked: LockedDataset,
): Promise<CheckoutResult> {
  const force = await isTracked(workspace.root, locked.path);
  return withDataTurn(workspace, locked.path, () => writeDataset(workspace, store, locked, force));
}

async function writeDataset(
  workspace: Workspace,
  store: Store,
  locked: LockedDataset,
  force: boolean,
): Promise<CheckoutResult> {
  const { root } = workspace;
  const { path } = locked;
  const working = await hashDataset(workspace, path);
  if (working?.digest === locked.digest) {
    const unchanged = locked.files;
    return { path, ...untouched, unchanged };
  }
  assertSameKind(locked, working);
  const target = await readManifest(store, locked);
  assertInside(path, target);
  const changes = planChanges(working?.entries() ?? [], target);
  const { write, extra } = changes;
  const base = locked.kind === 'images' ? join(root, path) : dirname(join(root, path));
  const paths = target.map((entry) => entry.path);
  assertVolumeHolds(base, force || extra.length === 0 ? paths : [...paths, ...extra].sort());
  const obstacles = working ? findObstacles(base, working, write) : [];
  if (!force && working) await assertNothingLost(store, base, changes, obstacles);
  const removed = force ? await removeFiles(base, extra) : 0;
  removeObstacles(base, obstacles);
  const states = await writeFiles(workspace, store, { base, name: path }, write);
  if (force || extra.length === 0) {
    await rememberFiles(root, locked, base, target, { files: write, states });
  }
  const counts = { written: write.length, unchanged: target.length - write.length, removed };
  return { path, ...untouched, ...counts, extra: force ? [] : [...extra] };
}

interface Changes {
  readonly write: readonly ManifestEntry[];
  /** For each file to write that exists: its current digest. */
  readonly replaced: ReadonlyMap<string, Digest>;
  /** Files on disk that the target does not name. */
  readonly extra: readonly string[];
}

function planChanges(working: readonly ManifestEntry[], target: readonly ManifestEntry[]): Changes {
  if (working.length === 0) return { write: target, replaced: new Map(), extra: [] };
  const present = new Map(working.map(({ path, digest }) => [path, digest]));
  const write = target.filter(({ path, digest }) => present.get(path) !== digest);
  const wanted = new Set(target.map(({ path }) => path));
  const extra = working.map(({ path }) => path).filter((path) => !wanted.has(path));
  return { write, replaced: present, extra };
}

/** Whether git tracks a dataset's files itself. Outside a repository nothing is tracked. */
export async function isTracked(root: string, path: string): Promise<boolean> {
  return (await git(root, 'ls-files', '--', path).catch(otherwise(''))) !== '';
}

/** A file that an interrupted checkout left half-written is the beginning of the wanted file: nothing is lost. */
async function assertNothingLost(
  store: Store,
  base: string,
  changes: Changes,
  obstacles: readonly string[],
): Promise<void> {
  const lost = [...obstacles, ...inTheWay(changes)];
  for (const { path, digest } of changes.write) {
    const present = changes.replaced.get(path);
    if (present === undefined || (await store.has(present))) continue;
    const [content, wanted] = await Promise.all([readFile(join(base, path)), store.get(digest)]);
    if (Buffer.compare(content, wanted.subarray(0, content.length)) !== 0) lost.push(path);
  }
  const [example] = lost;
  if (example === undefined) return;
  throw new MainstemError('CHECKOUT_CONFLICT', { count: lost.length, example, files: lost });
}

/** Files where a folder is wanted, and those in a folder where a file is wanted. */
function inTheWay({ write, extra }: Changes): string[] {
  if (extra.length === 0) return [];
  const files = new Set(write.map(({ path }) => path));
  const folders = new Set(write.flatMap(({ path }) => foldersAbove(path)));
  return extra.filter(
    (path) => folders.has(path) || foldersAbove(path).some((folder) => files.has(folder)),
  );
}

async function removeFiles(base: string, paths: readonly string[]): Promise<number> {
  const folders = new Set<string>();
  for (const path of paths) {
    await rm(join(base, path), { force: true });
    for (const folder of foldersAbove(path)) folders.add(folder);
  }
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length);
  // A folder that is not empty stays.
  for (const folder of deepestFirst) await rmdir(join(base, folder)).catch(() => undefined);
  return paths.length;
}

/** What was just written and verified need not be hashed by the next status. @param written some of the target */
async function rememberFiles(
  root: string,
  { path, digest: manifest }: LockedDataset,
  base: string,
  target: readonly ManifestEntry[],
  written: { readonly files: readonly ManifestEntry[]; readonly states: ScannedFiles['states'] },
): Promise<void> {
  const hashedAt = Date.now();
  const states = new Float64Array(target.length * stateLength);
  let next = 0;
  for (const [position, entry] of target.entries()) {
    const from = written.files[next] === entry ? stateLength * next++ : -1;
    const known = from >= 0 && !Number.isNaN(written.states[from]);
    if (known)
      states.set(written.states.subarray(from, from + stateLength), position * stateLength);
    else putState(states, position, statSync(`${base}/${entry.path}`));
  }
  const files = { paths: target.map((entry) => entry.path), states };
  const digests = target.map(({ digest }) => digest);
  await writeStatCache(root, path, { manifest, files, digests, hashedAt });
}
