import { hash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { syncFolder } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { createPackWriter, type PackEntry, type PackWriter, readAt, scanPack } from './pack.ts';
import { decodeIndex, encodeIndex, type PackIndex, packName } from './pack-index.ts';

/** A published pack: `<name>.pack` and `<name>.idx` in the folder. */
export interface Pack {
  readonly name: string;
  readonly path: string;
  readonly index: PackIndex;
  /** False if the index file was damaged and this one was rebuilt from the pack. */
  readonly indexWhole: boolean;
}

/** Where a blob was found. */
export interface Place {
  readonly pack: Pack;
  readonly entry: PackEntry;
}

/** A folder of packs. Writers never share a file, so any number of processes may add to it. */
export interface PackFolder {
  readonly folder: string;
  packs(): readonly Pack[];
  /** Looks on disk again: another process may have added packs. */
  refresh(): void;
  find(digest: Digest): Place | undefined;
  /** Reads a blob and verifies it; synchronous, which is faster for small blobs. @throws MainstemError STORE_CORRUPT */
  read(digest: Digest): Uint8Array<ArrayBuffer> | undefined;
  /** Like `read`, but reads ahead: for blobs that `find` found, in the order of their packs. */
  readNext(place: Place): Uint8Array<ArrayBuffer>;
  /** Starts a pack; `publish` adds it to the folder, `discard` drops it. */
  startPack(): PendingPack;
  close(): void;
}

/** A pack being written. */
export interface PendingPack {
  readonly writer: PackWriter;
  /** Makes the pack durable and visible: first the pack, then its index. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** How much `readNext` reads at a time. */
const aheadBytes = 256 * 1024;

/** Opens a folder of packs; it is created by the first write. Packs without an index are ignored. */
export function openPackFolder(folder: string): PackFolder {
  const known = new Map<string, Pack>();
  const files = new Map<string, number>();
  let loaded = false;
  const refresh = () => {
    loaded = true;
    const names = new Set(listPacks(folder));
    for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    for (const name of names) if (!known.has(name)) known.set(name, loadPack(folder, name));
  };
  const find = (digest: Digest) => {
    if (!loaded) refresh();
    for (const pack of known.values()) {
      const entry = pack.index.find(digest);
      if (entry) return { pack, entry };
    }
    return undefined;
  };
  const fileOf = (pack: Pack) => {
    const file = files.get(pack.name) ?? openSync(pack.path, 'r');
    files.set(pack.name, file);
    return file;
  };
  let ahead: { pack: Pack; offset: number; data: Buffer<ArrayBuffer> } | undefined;
  const readNext = ({ pack, entry: { digest, offset, bytes } }: Place) => {
    const end = ahead?.pack === pack ? ahead.offset + ahead.data.length : 0;
    if (!ahead || offset < ahead.offset || offset + bytes > end) {
      const data = readAt(fileOf(pack), offset, Math.max(bytes, aheadBytes));
      ahead = { pack, offset, data };
    }
    const at = offset - ahead.offset;
    const data = ahead.data.subarray(at, at + bytes);
    assertDigest(data, digest, pack.path, offset);
    return data;
  };
  const readPlace = ({ pack, entry }: Place) => {
    const data = readAt(fileOf(pack), entry.offset, entry.bytes);
    assertDigest(data, entry.digest, pack.path, entry.offset);
    return data;
  };
  return {
    folder,
    refresh,
    find,
    packs: () => {
      if (!loaded) refresh();
      return [...known.values()];
    },
    readNext,
    read(digest) {
      const place = find(digest);
      return place && readPlace(place);
    },
    startPack: () => startPack(folder, refresh),
    close: () => {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

/** Asserts that the bytes have their digest. @throws MainstemError STORE_CORRUPT naming digest, file and offset */
export function assertDigest(data: Uint8Array, digest: Digest, file: string, offset: number): void {
  const found: Digest = `sha256:${hash('sha256', data, 'hex')}`;
  if (found === digest) return;
  throw new MainstemError('STORE_CORRUPT', { digest, what: '', file, offset, found });
}

function listPacks(folder: string): string[] {
  try {
    const present = new Set(readdirSync(folder));
    return [...present]
      .filter((name) => name.endsWith('.idx') && present.has(`${name.slice(0, -4)}.pack`))
      .map((name) => name.slice(0, -4));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function loadPack(folder: string, name: string): Pack {
  const path = join(folder, `${name}.pack`);
  const index = decodeIndex(readFileSync(join(folder, `${name}.idx`)));
  if (index) return { name, path, index, indexWhole: true };
  return { name, path, index: rebuildIndex(path), indexWhole: false };
}

function rebuildIndex(path: string): PackIndex {
  const { entries } = scanPack(readFileSync(path));
  const index = decodeIndex(encodeIndex(entries));
  if (!index) throw new Error('an index that was just encoded must decode');
  return index;
}

function startPack(folder: string, onPublished: () => void): PendingPack {
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `${randomBytes(8).toString('hex')}.tmp`);
  const writer = createPackWriter(temporary);
  let open = true;
  const close = () => {
    if (open) writer.close();
    open = false;
  };
  const discard = async () => {
    close();
    await rm(temporary, { force: true });
  };
  return {
    writer,
    discard,
    async publish() {
      close();
      if (writer.entries.length === 0) return discard();
      await publishPack(folder, temporary, encodeIndex(writer.entries));
      onPublished();
    },
  };
}

/**
 * Publishes a pack file that has been written and synced. The index comes last, so that a visible index always has its
 * pack.
 *
 * @param temporary path in the same folder; it is renamed.
 */
export async function publishPack(
  folder: string,
  temporary: string,
  index: Uint8Array,
): Promise<string> {
  const name = packName(index);
  await rename(temporary, join(folder, `${name}.pack`));
  await syncFolder(folder);
  const indexTemporary = join(folder, `${randomBytes(8).toString('hex')}.tmp`);
  const file = await open(indexTemporary, 'wx');
  try {
    await file.writeFile(index);
    await file.sync();
  } finally {
    await file.close();
  }
  renameSync(indexTemporary, join(folder, `${name}.idx`));
  await syncFolder(folder);
  return name;
}
