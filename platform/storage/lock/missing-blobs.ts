import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCacheFile } from '../../lib/files.ts';
import { type Digest, digestBytes, hexOf } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import type { ManifestEntry } from '../../schemas/index.ts';
import { findDamaged } from '../store/damaged.ts';
import { ifMissing } from '../store/object-folder.ts';
import { largeBytes } from '../store/read-small.ts';
import { objectFile, packFile, type Store } from '../store/store.ts';

/*
 * Finds out whether the store has every file of a manifest, intact. Manifests and packs never change, so once all files
 * have been found, the names of the packs and objects that hold them are noted: as long as those are as they were when
 * they were verified, nothing is missing.
 */

/** Whether a manifest is noted as complete, and the packs and objects that hold its files have not changed. */
export async function isComplete(store: Store, manifest: Digest): Promise<boolean> {
  const noted = await readNote(store, manifest);
  if (!noted) return false;
  const present = new Set(await readdir(store.packs.folder).catch(ifMissing<string[]>([])));
  return (
    noted.packs.every((name) => present.has(`${name}.idx`) && store.verified.has(packFile(name))) &&
    noted.objects.every((hex) => store.verified.has(objectFile(store, `sha256:${hex}`)))
  );
}

/** The blobs of a manifest of which the store has no intact copy; if there are none, notes the manifest as complete. */
export async function findMissing(
  store: Store,
  manifest: Digest,
  files: readonly ManifestEntry[],
): Promise<Digest[]> {
  const digests = [manifest, ...files.map(({ digest }) => digest)];
  const damaged = await findDamaged(store, digests);
  const missing: Digest[] = [];
  const packs = new Set<string>();
  const objects = new Set<string>();
  for (const digest of digests) {
    const place = store.packs.find(digest);
    if (damaged.has(digest)) missing.push(digest);
    else if (place) packs.add(place.pack.name);
    else if (await store.objects.has(digest)) objects.add(hexOf(digest));
    else missing.push(digest);
  }
  if (missing.length === 0) await writeNote(store, manifest, packs, objects);
  return missing;
}

/**
 * Notes a manifest whose files were all stored just now, without looking for each of them again. Nothing is noted if
 * some may be whole objects. All packs are named, so that the loss of any one is noticed.
 */
export async function notePacked(
  store: Store,
  manifest: Digest,
  files: readonly ManifestEntry[],
): Promise<void> {
  if (files.some(({ bytes }) => bytes >= largeBytes)) return;
  const packs = store.packs.packs().map(({ name }) => name);
  const objects = store.packs.find(manifest) ? [] : [hexOf(manifest)];
  await store.verified.save();
  await writeNote(store, manifest, packs, objects);
}

async function writeNote(
  store: Store,
  manifest: Digest,
  packs: Iterable<string>,
  objects: Iterable<string>,
): Promise<void> {
  const names = `${[...packs].join(' ')}\n${[...objects].join(' ')}\n`;
  await writeCacheFile(notePath(store, manifest), `${hexOf(digestBytes(names))}\n${names}`);
}

/** Undefined for a note that is missing or damaged. */
async function readNote(store: Store, manifest: Digest) {
  const text = await readFile(notePath(store, manifest), 'utf8').catch(ifMissing(''));
  const names = text.slice(65);
  if (text.slice(0, 64) !== hexOf(digestBytes(names))) return undefined;
  const [packs = [], objects = []] = names
    .split('\n')
    .map((line) => line.split(' ').filter(Boolean));
  return { packs, objects };
}

function notePath(store: Store, manifest: Digest): string {
  return join(store.folder, 'complete', hexOf(manifest));
}
