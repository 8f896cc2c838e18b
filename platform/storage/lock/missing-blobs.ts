import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../lib/files.ts';
import { type Digest, hexOf } from '../../lib/hash.ts';
import type { ManifestEntry } from '../../schemas/index.ts';
import { ifMissing } from '../store/object-folder.ts';
import { largeBytes } from '../store/read-small.ts';
import type { Store } from '../store/store.ts';

/*
 * Finds out whether the store has every file of a manifest. Manifests and packs never change, so once all files have
 * been found, the names of the packs and objects that hold them are noted: as long as those exist, nothing is missing.
 */

/** Whether a manifest is noted as complete, and the packs and objects that hold its files still exist. */
export async function isComplete(store: Store, manifest: Digest): Promise<boolean> {
  const noted = await readFile(notePath(store, manifest), 'utf8').catch(ifMissing(null));
  if (noted === null) return false;
  const [packs = [], objects = []] = noted
    .split('\n')
    .map((line) => line.split(' ').filter(Boolean));
  const present = new Set(await readdir(store.packs.folder).catch(ifMissing<string[]>([])));
  return (
    packs.every((name) => present.has(`${name}.pack`) && present.has(`${name}.idx`)) &&
    objects.every((hex) => existsSync(store.objects.pathOf(`sha256:${hex}`)))
  );
}

/** The blobs of a manifest that the store lacks; if there are none, notes the manifest as complete. */
export async function findMissing(
  store: Store,
  manifest: Digest,
  files: readonly ManifestEntry[],
): Promise<Digest[]> {
  const missing: Digest[] = [];
  const packs = new Set<string>();
  const objects = new Set<string>();
  for (const { digest } of [{ digest: manifest }, ...files]) {
    const place = store.packs.find(digest);
    if (place) packs.add(place.pack.name);
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
  await writeNote(store, manifest, packs, objects);
}

async function writeNote(
  store: Store,
  manifest: Digest,
  packs: Iterable<string>,
  objects: Iterable<string>,
): Promise<void> {
  const note = `${[...packs].join(' ')}\n${[...objects].join(' ')}\n`;
  await writeFileAtomic(notePath(store, manifest), note);
}

function notePath(store: Store, manifest: Digest): string {
  return join(store.folder, 'complete', hexOf(manifest));
}
