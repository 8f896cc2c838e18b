import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestBytes, hexOf } from '../../lib/hash.ts';
import { temporaryBeside } from '../../lib/temporary.ts';
import { decodeIndex, type PackIndex, packName } from '../store/pack-index.ts';
import type { Store } from '../store/store.ts';
import type { Remote } from './remote.ts';

/*
 * A remote's keys: `packs/<name>.pack` and `.idx`, `objects/<hex>`, `records/<hex>.json`. Indexes are published
 * after their packs, and records after everything that they name: whatever is visible is complete.
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
  has(digest: Digest): boolean;
  packOf(digest: Digest): RemotePack | undefined;
  readonly objects: ReadonlySet<string>;
  readonly records: ReadonlySet<string>;
}

/**
 * Lists a remote. Indexes are kept in the store's `remotes` folder, so that each is fetched only once.
 *
 * @throws MainstemError REMOTE_CORRUPT, REMOTE_FAILED
 */
export async function readInventory(store: Store, remote: Remote): Promise<Inventory> {
  const folder = join(store.folder, 'remotes', hexOf(digestBytes(remote.address)).slice(0, 16));
  const [packKeys, objectKeys, recordKeys] = await Promise.all([
    remote.list('packs/'),
    remote.list('objects/'),
    remote.list('records/'),
  ]);
  const packs: RemotePack[] = [];
  for (const key of packKeys.filter((name) => name.endsWith('.idx'))) {
    packs.push(await fetchIndex(remote, key, folder));
  }
  const objects = new Set(objectKeys);
  const packOf = (digest: Digest) => packs.find(({ index }) => index.find(digest));
  return {
    objects,
    records: new Set(recordKeys),
    packOf,
    has: (digest) => objects.has(objectKey(digest)) || packOf(digest) !== undefined,
  };
}

async function fetchIndex(remote: Remote, key: string, folder: string): Promise<RemotePack> {
  const name = key.slice('packs/'.length, -'.idx'.length);
  const path = join(folder, `${name}.idx`);
  const kept = await readFile(path).catch(() => undefined);
  if (kept && packName(kept) === name) return decoded(remote, name, kept);
  await mkdir(folder, { recursive: true });
  const temporary = temporaryBeside(path);
  try {
    await remote.download(key, temporary);
    const pack = decoded(remote, name, await readFile(temporary));
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
  const { address } = remote;
  throw new MainstemError('REMOTE_CORRUPT', {
    address,
    key: indexKey(name),
    expected: name,
    found,
  });
}
