import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, writeFileAtomic } from '../../lib/files.ts';
import { plural } from '../../lib/plural.ts';
import { readFile } from '../../lib/read-text.ts';
import { isLeftover } from '../../lib/temporary.ts';
import type { FsckOptions, StoreFinding } from './finding.ts';
import type { Leftover } from './leftovers.ts';
import { ifMissing } from './object-folder.ts';
import { type PackEntry, scanPack } from './pack.ts';
import { encodeIndex } from './pack-index.ts';
import { packFile, type Store } from './store.ts';

/** Packs without an index, and indexes without a pack. */
export interface Unindexed {
  readonly findings: StoreFinding[];
  readonly leftovers: Leftover[];
}

/**
 * Looks for packs without an index, which a killed writer leaves, or a lost index. If the store has all its blobs elsewhere
 * a pack is left over; otherwise repair writes its index, so that nothing is lost. An index without a pack is left over.
 */
export async function checkUnindexed(store: Store, options: FsckOptions): Promise<Unindexed> {
  const found: Unindexed = { findings: [], leftovers: [] };
  const names = new Set(await readdir(store.packs.folder).catch(ifMissing<string[]>([])));
  for (const file of [...names].sort()) {
    const [name = '', ending] = file.split('.');
    if (ending === 'idx' && file === `${name}.idx` && !names.has(`${name}.pack`)) {
      found.leftovers.push(await removeFile(store, file, options.repair));
    }
    const unindexed = file === `${name}.pack` && !names.has(`${name}.idx`);
    if (unindexed && !(await isBeingPublished(store, name, names, options.now))) {
      await checkPack(store, name, options, found);
    }
  }
  return found;
}

async function checkPack(
  store: Store,
  name: string,
  { references, repair }: FsckOptions,
  found: Unindexed,
): Promise<void> {
  const content = await readFile(join(store.packs.folder, `${name}.pack`)).catch(ifMissing(null));
  if (!content) return;
  const { entries } = scanPack(content);
  const lacking = await lackingElsewhere(store, entries);
  if (lacking.length === 0) {
    found.leftovers.push(await removeFile(store, `${name}.pack`, repair));
    return;
  }
  if (repair) {
    await writeFileAtomic(join(store.packs.folder, `${name}.idx`), encodeIndex(entries));
    store.packs.refresh();
  }
  const needed = lacking.filter(({ digest }) => references.blobs.has(digest)).length;
  if (needed > 0) found.findings.push(indexMissing(name, needed, repair));
  else found.leftovers.push({ file: inStore(packFile(name)), removed: repair });
}

function indexMissing(name: string, needed: number, repaired: boolean): StoreFinding {
  const file = `packs/${name}.idx`;
  const outcome = repaired ? 'it was written again' : '--repair writes it again';
  const message = `${file} is missing; only its pack holds ${plural(needed, 'blob')} that the commit needs, ${outcome}.`;
  return { code: 'INDEX_DAMAGED', digest: '', file, message };
}

/** Between its two renames a writer's index still has its temporary name, which begins with that of the pack. */
async function isBeingPublished(
  store: Store,
  name: string,
  names: ReadonlySet<string>,
  now: number,
): Promise<boolean> {
  for (const file of names) {
    if (!file.startsWith(`${name}.`) || !file.endsWith('.tmp')) continue;
    const path = join(store.packs.folder, file);
    const changed = await stat(path).then(({ mtimeMs }) => mtimeMs, ifMissing(now));
    if (!isLeftover(file, changed, now)) return true;
  }
  return exists(join(store.packs.folder, `${name}.idx`));
}

async function lackingElsewhere(store: Store, entries: readonly PackEntry[]): Promise<PackEntry[]> {
  const lacking: PackEntry[] = [];
  for (const entry of entries) if (!(await store.has(entry.digest))) lacking.push(entry);
  return lacking;
}

async function removeFile(store: Store, file: string, remove: boolean): Promise<Leftover> {
  if (remove) await rm(join(store.packs.folder, file), { force: true });
  return { file: inStore(`packs/${file}`), removed: remove };
}

function inStore(file: string): string {
  return `.mainstem/store/${file}`;
}
