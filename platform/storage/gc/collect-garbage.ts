import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import type { Workspace } from '../../schemas/index.ts';
import { ifMissing } from '../store/object-folder.ts';
import type { Pack } from '../store/pack-folder.ts';
import type { Store } from '../store/store.ts';
import {
  assertSeen,
  describeDataset,
  type HistoricFile,
  readCandidates,
  readHistory,
  readLocksOfToday,
  type UnseenDataset,
} from './history.ts';
import { collectNeeded, digestsIn, localSources, type NeededSources } from './needed.ts';

/** What gc deleted, or would delete. */
export const Garbage = Type.Object({
  blobs: Type.Integer(),
  bytes: Type.Integer(),
  records: Type.Integer(),
  /** What nothing needs, but is younger than the grace period. */
  young: Type.Integer(),
  /** Datasets that only earlier commits name and whose manifest is nowhere: which files they had is not known. */
  unseen: Type.Array(
    Type.Object({ digest: Type.String(), dataset: Type.String(), commit: Type.String() }),
  ),
});
export type Garbage = Static<typeof Garbage>;

/** When gc deletes. */
export interface GarbageOptions {
  /** Milliseconds. */
  readonly now: number;
  /** What is younger than so many milliseconds stays: somebody may be about to commit what needs it. */
  readonly graceMs: number;
  /** False only counts. */
  readonly remove: boolean;
  /** Where manifests are that are not here. */
  readonly elsewhere?: NeededSources | undefined;
  /** Names of datasets that are not here and that their project can collect. */
  readonly canCollect?: ReadonlySet<string> | undefined;
}

/** A pack is written again without its garbage when that is at least this share. */
const worthwhile = 0.25;

/**
 * Deletes from the store of this machine what no branch, tag, stash, reflog, index, working tree or candidate needs and is
 * older than the grace period. Stage records within that period count as needed, with all that they name.
 *
 * @throws MainstemError GC_INCOMPLETE, GIT_FAILED
 */
export async function collectGarbage(
  { root, signal }: Workspace,
  store: Store,
  options: GarbageOptions,
): Promise<Garbage> {
  const local = localSources(store);
  const sources: NeededSources = {
    blob: async (digest) => (await local.blob(digest)) ?? options.elsewhere?.blob(digest),
    record: local.record,
  };
  const history = await readHistory(root);
  const recent = await readRecentRecords(store, options);
  const files = [...history, ...(await readCandidates(root)), ...recent];
  const { digests, unseen } = await collectNeeded(files, sources);
  const garbage = {
    blobs: 0,
    bytes: 0,
    records: 0,
    young: 0,
    unseen: await passOver(root, unseen, { files, ...options }),
  };
  for (const pack of store.packs.packs()) {
    signal.throwIfAborted();
    await sweepPack(store, pack, { digests, options, garbage });
  }
  for (const digest of await store.objects.list()) {
    if (digests.has(digest)) continue;
    const bytes = await sweepFile(store.objects.pathOf(digest), { options, garbage });
    if (bytes === undefined) continue;
    garbage.blobs++;
    garbage.bytes += bytes;
  }
  for (const { key, path } of await listRecords(store)) {
    if (digests.has(key)) continue;
    if ((await sweepFile(path, { options, garbage })) !== undefined) garbage.records++;
  }
  store.packs.refresh();
  return garbage;
}

/**
 * Datasets whose manifest is nowhere, which protect nothing here. Without its manifest a dataset can neither be checked
 * out nor pulled, and locking it again needs all of its files.
 *
 * @throws MainstemError GC_INCOMPLETE for a dataset that a lock of today names and nobody can collect
 */
async function passOver(
  root: string,
  unseen: readonly Digest[],
  { files, canCollect }: Pick<GarbageOptions, 'canCollect'> & { files: readonly HistoricFile[] },
): Promise<UnseenDataset[]> {
  if (unseen.length === 0) return [];
  const today = await readLocksOfToday(root);
  const described = await Promise.all(unseen.map((digest) => describeDataset(root, digest, files)));
  const needed = described.filter(
    ({ digest, dataset }) => today.has(digest) && !canCollect?.has(dataset),
  );
  assertSeen(needed);
  return described;
}

interface Sweep {
  readonly options: GarbageOptions;
  readonly garbage: Garbage;
}

/** Deletes a file that is old enough; its size, or undefined if it stays. */
async function sweepFile(path: string, { options, garbage }: Sweep): Promise<number | undefined> {
  const { size, mtimeMs } = await stat(path);
  if (isYoung(mtimeMs, options)) {
    garbage.young++;
    return undefined;
  }
  if (options.remove && !(await takeAway(path, options))) return undefined;
  return size;
}

async function sweepPack(
  store: Store,
  pack: Pack,
  { digests, options, garbage }: Sweep & { digests: ReadonlySet<Digest> },
): Promise<void> {
  const entries = [...pack.index.entries()];
  const dead = entries.filter(({ digest }) => !digests.has(digest));
  if (dead.length === 0) return;
  const { size, mtimeMs } = await stat(pack.path);
  const deadBytes = dead.reduce((sum, { bytes }) => sum + bytes, 0);
  if (isYoung(mtimeMs, options)) {
    garbage.young += dead.length;
    return;
  }
  if (dead.length < entries.length && deadBytes < size * worthwhile) return;
  if (options.remove) {
    const kept = entries.filter(({ digest }) => digests.has(digest));
    const fresh = kept.length > 0 ? store.packs.startPack() : undefined;
    for (const { digest } of kept) fresh?.writer.append(digest, await store.get(digest));
    await fresh?.publish();
    if (!(await takeAway(pack.path, options))) return;
    await rm(join(store.packs.folder, `${pack.name}.idx`), { force: true });
  }
  garbage.blobs += dead.length;
  garbage.bytes += deadBytes;
}

/**
 * Renames first and looks again: who relies on a file touches it, either before the rename, which is seen here, or
 * after it, which fails there.
 */
async function takeAway(path: string, options: GarbageOptions): Promise<boolean> {
  const aside = `${path}.tmp`;
  await rename(path, aside);
  if (isYoung((await stat(aside)).mtimeMs, options)) {
    await rename(aside, path);
    return false;
  }
  await rm(aside);
  return true;
}

function isYoung(mtimeMs: number, { now, graceMs }: GarbageOptions): boolean {
  return mtimeMs > now - graceMs;
}

async function listRecords(store: Store): Promise<{ key: Digest; path: string }[]> {
  const names = await readdir(join(store.folder, 'records')).catch(ifMissing<string[]>([]));
  return names.flatMap((name) => {
    const [key] = digestsIn(`sha256:${name}`);
    return key && name.endsWith('.json') ? [{ key, path: store.recordPath(key) }] : [];
  });
}

async function readRecentRecords(store: Store, options: GarbageOptions) {
  const files: { path: string; text: string }[] = [];
  for (const { path } of await listRecords(store)) {
    if (!isYoung((await stat(path)).mtimeMs, options)) continue;
    const name = path.slice(-'.json'.length - 64, -'.json'.length);
    files.push({ path, text: `sha256:${name}\n${await readFile(path, 'utf8')}` });
  }
  return files;
}
