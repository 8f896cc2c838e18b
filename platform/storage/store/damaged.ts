import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestBytes } from '../../lib/hash.ts';
import { inLanes } from '../../lib/in-lanes.ts';
import { readFile } from '../../lib/read-text.ts';
import { digestLarge, ifMissing } from './object-folder.ts';
import { type PackEntry, type PackScan, verifyEntries } from './pack.ts';
import type { Pack } from './pack-folder.ts';
import { objectFile, packFile, type Store } from './store.ts';
import { readState } from './verified.ts';

/**
 * Those of the blobs whose only copy here is damaged. Reads only the files that have changed since they were last
 * verified; a blob that is not here at all is not damaged.
 */
export async function findDamaged(store: Store, digests: Iterable<Digest>): Promise<Set<Digest>> {
  const { packs, objects } = await locate(store, digests);
  const damaged = new Set<Digest>();
  for (const pack of packs) {
    for (const { digest } of (await verifyPack(store, pack)).damaged) damaged.add(digest);
  }
  await inLanes(objects, availableParallelism(), async (digest) => {
    if (!(await verifyObject(store, digest))) damaged.add(digest);
  });
  await store.verified.save();
  const only = new Set<Digest>();
  for (const digest of damaged) if (!(await store.isIntact(digest))) only.add(digest);
  return only;
}

/**
 * Removes damaged copies of the blobs, and of whatever else is in the same packs, so that they are missing like any other
 * and a pull, a lock or a run brings them back. Intact neighbours are kept.
 *
 * @returns the blobs that are missing now
 */
export async function dropDamaged(store: Store, digests: Iterable<Digest>): Promise<Digest[]> {
  const { packs, objects } = await locate(store, digests);
  const dropped = await dropDamagedPacks(store, packs);
  await inLanes(objects, availableParallelism(), async (digest) => {
    if (await verifyObject(store, digest)) return;
    await rm(store.objects.pathOf(digest), { force: true });
    dropped.push(digest);
  });
  await store.verified.save();
  return dropped;
}

/** As {@link dropDamaged}, for everything in some packs. */
export async function dropDamagedPacks(store: Store, packs: Iterable<Pack>): Promise<Digest[]> {
  const damaged: Digest[] = [];
  for (const pack of packs) {
    const found = await verifyPack(store, pack);
    if (!isDamaged(found)) continue;
    await replacePack(store, pack, found.content, found.entries);
    for (const { digest: lost } of found.damaged) damaged.push(lost);
  }
  await store.verified.save();
  const missing: Digest[] = [];
  for (const digest of damaged) if (!(await store.has(digest))) missing.push(digest);
  return missing;
}

/** Whether anything in a pack is not as it was written, be it in a blob or between them. */
export function isDamaged({ damaged, flaws }: Pick<PackScan, 'damaged' | 'flaws'>): boolean {
  return damaged.length > 0 || flaws.length > 0;
}

/** Writes the intact blobs into a new pack before the damaged pack is removed. */
export async function replacePack(
  store: Store,
  pack: Pack,
  content: Uint8Array,
  entries: readonly PackEntry[],
): Promise<void> {
  const fresh = store.packs.startPack();
  let name: string | null;
  try {
    for (const { offset, bytes } of entries) {
      const blob = content.subarray(offset, offset + bytes);
      fresh.writer.append(digestBytes(blob), blob);
    }
    name = await fresh.publish();
  } finally {
    await fresh.discard();
  }
  // With all its blobs, in their order, it has the name of the damaged one and has taken its place.
  if (name !== pack.name) {
    await rm(join(store.packs.folder, `${pack.name}.idx`), { force: true });
    await rm(pack.path, { force: true });
  }
  store.packs.refresh();
}

/** The packs and whole blobs that hold the digests. */
async function locate(store: Store, digests: Iterable<Digest>) {
  store.packs.refresh();
  const packs = new Set<Pack>();
  const objects: Digest[] = [];
  for (const digest of digests) {
    const place = store.packs.find(digest);
    if (place) packs.add(place.pack);
    else if (await store.objects.has(digest)) objects.push(digest);
  }
  return { packs, objects };
}

/** Checks a pack unless it is as it was when it was last checked; one that is gone holds nothing. */
async function verifyPack(store: Store, pack: Pack) {
  const nothing = { entries: [], damaged: [], flaws: [], content: new Uint8Array() };
  const file = packFile(pack.name);
  if (store.verified.has(file)) return nothing;
  const state = readState(store.folder, file);
  const content = await readFile(pack.path).catch(ifMissing(undefined));
  if (!content) return nothing;
  const found = verifyEntries(content, pack.index.entries());
  if (!isDamaged(found)) store.verified.add(file, state);
  return { ...found, content };
}

/** Whether a whole blob is intact, or is gone by now. */
async function verifyObject(store: Store, digest: Digest): Promise<boolean> {
  const file = objectFile(store, digest);
  if (store.verified.has(file)) return true;
  const state = readState(store.folder, file);
  const found = await digestLarge(store.objects.pathOf(digest)).catch(ifMissing(digest));
  if (found !== digest) return false;
  store.verified.add(file, state);
  return true;
}
