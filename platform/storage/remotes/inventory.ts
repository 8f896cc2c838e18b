import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError, type MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestBytes, hexOf } from '../../lib/hash.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { readFile } from '../../lib/read-text.ts';
import { temporaryBeside } from '../../lib/temporary.ts';
import { decodeIndex, type PackIndex, packName } from '../store/pack-index.ts';
import type { Store } from '../store/store.ts';
import { againIfDamaged } from './ask-again.ts';
import { readCondemned } from './condemned.ts';
import { damagedAt, type Remote } from './remote.ts';

/*
 * A remote's keys: `packs/<name>.pack` and `.idx`, `objects/<hex>`, `records/<hex>.json`, `condemned/<time>.json` (what
 * gc is going to delete). Indexes are published after their packs, and records after everything that they name:
 * whatever is visible is complete.
 */

export const packKey = (name: string) => `packs/${name}.pack`;
export const indexKey = (name: string) => `packs/${name}.idx`;
export const objectKey = (digest: Digest) => `objects/${hexOf(digest)}`;
export const recordKey = (key: Digest) => `records/${hexOf(key)}.json`;

/** A pack on a remote, known by its index. */
export interface RemotePack {
  readonly name: string;
  readonly index: PackIndex;
  readonly indexBytes: Uint8Array;
}

/** The content of a remote. */
export interface Inventory {
  /** Every key that is there. */
  readonly keys: ReadonlySet<string>;
  /** Packs whose index and pack are both there. */
  readonly packs: readonly RemotePack[];
  /** Whether it is there to be read. */
  has(digest: Digest): boolean;
  /** Whether it is there and stays: what gc is going to delete does not count. */
  keeps(digest: Digest): boolean;
  packOf(digest: Digest): RemotePack | undefined;
  /** What gc is going to delete, and since when it says so. */
  readonly condemned: ReadonlyMap<string, number>;
}

/**
 * Lists a remote. Indexes are kept in the store's `remotes` folder, so that each is fetched only once.
 *
 * @param damaged called for an index that is not what its name says; left out, it is an error
 * @throws MainstemError REMOTE_CORRUPT, REMOTE_FAILED
 */
export async function readInventory(
  store: Store,
  remote: Remote,
  damaged?: (error: MainstemError) => void,
): Promise<Inventory> {
  const folder = join(store.folder, 'remotes', hexOf(digestBytes(remote.address)).slice(0, 16));
  const keys = new Set(await remote.list(''));
  const packs: RemotePack[] = [];
  for (const name of packNames(keys)) {
    const pack = await fetchIndex(remote, indexKey(name), folder).catch((error: unknown) => {
      if (!damaged || !isMainstemError(error)) throw error;
      damaged(error);
    });
    if (pack) packs.push(pack);
  }
  const condemned = await readCondemned(remote, keys);
  const staying = packs.filter(({ name }) => !condemned.has(packKey(name)));
  const isIn = (some: readonly RemotePack[], digest: Digest) =>
    some.some(({ index }) => index.find(digest));
  return {
    keys,
    packs,
    condemned,
    has: (digest) => keys.has(objectKey(digest)) || isIn(packs, digest),
    keeps: (digest) =>
      (keys.has(objectKey(digest)) && !condemned.has(objectKey(digest))) || isIn(staying, digest),
    packOf: (digest) => packs.find(({ index }) => index.find(digest)),
  };
}

/** An index whose pack is lost does not count: what was in it is missing, and a push sends it again. */
function packNames(keys: ReadonlySet<string>): string[] {
  return [...keys].flatMap((key) => {
    const name = /^packs\/([0-9a-f]+)\.idx$/.exec(key)?.[1];
    return name && keys.has(packKey(name)) ? [name] : [];
  });
}

/** Indexes whose pack is lost; a pack without an index is only an interrupted push. */
export function lostIndexes(
  keys: Iterable<string>,
): { readonly index: string; readonly pack: string }[] {
  const all = new Set(keys);
  return [...all].flatMap((index) => {
    const name = /^packs\/(.+)\.idx$/.exec(index)?.[1];
    return name && !all.has(packKey(name)) ? [{ index, pack: packKey(name) }] : [];
  });
}

async function fetchIndex(remote: Remote, key: string, folder: string): Promise<RemotePack> {
  const name = key.slice('packs/'.length, -'.idx'.length);
  const path = join(folder, `${name}.idx`);
  const kept = await readFile(path).catch(() => undefined);
  if (kept && packName(kept) === name) return decoded(remote, name, kept);
  await makeFolder(folder);
  const temporary = temporaryBeside(path);
  try {
    const pack = await againIfDamaged(async () => {
      await rm(temporary, { force: true });
      await remote.download(key, temporary);
      return decoded(remote, name, await readFile(temporary));
    });
    await rename(temporary, path);
    return pack;
  } finally {
    await rm(temporary, { force: true });
  }
}

function decoded(remote: Remote, name: string, indexBytes: Buffer): RemotePack {
  const index = decodeIndex(indexBytes);
  const found = packName(indexBytes);
  if (index && found === name) return { name, index, indexBytes };
  throw damagedAt(remote, indexKey(name), { expected: name, found });
}
