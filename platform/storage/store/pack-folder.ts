import { hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { namePath, syncFolder } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { temporaryBeside, temporaryIn } from '../../lib/temporary.ts';
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
  /**
   * Reads a blob and verifies it; synchronous, which is faster for small blobs. If several packs hold it, an intact one
   * is enough.
   *
   * @throws MainstemError STORE_CORRUPT
   */
  read(digest: Digest): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Like `read`, but reads ahead: for blobs that `find` found, in the order of their packs. Undefined if the pack has
   * been replaced since.
   *
   * @throws MainstemError STORE_CORRUPT
   */
  readNext(place: Place): Uint8Array<ArrayBuffer> | undefined;
  /** Starts a pack; `publish` adds it to the folder, `discard` drops it. */
  startPack(): PendingPack;
  close(): void;
}

/** A pack being written. */
export interface PendingPack {
  readonly writer: PackWriter;
  /** Makes the pack durable and visible: first the pack, then its index. Returns its name; null if nothing was appended. */
  publish(): Promise<string | null>;
  discard(): Promise<void>;
}

/** How much `readNext` reads at a time. */
const aheadBytes = 256 * 1024;

/**
 * Opens a folder of packs; it is created by the first write. Packs without an index are ignored.
 *
 * @param onPublished called with the name of each pack that this process adds
 */
export function openPackFolder(
  folder: string,
  onPublished: (name: string) => void = () => undefined,
): PackFolder {
  const known = new Map<string, Pack>();
  const files = createOpenFiles();
  let loaded = false;
  const refresh = () => {
    loaded = true;
    const names = new Set(listPacks(folder));
    for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    for (const name of names) if (!known.has(name)) addPack(known, folder, name);
    files.closeOthers(names);
  };
  const packs = () => {
    if (!loaded) refresh();
    return known.values();
  };
  const find = (digest: Digest) => {
    for (const pack of packs()) {
      const entry = pack.index.find(digest);
      if (entry) return { pack, entry };
    }
    return undefined;
  };
  const readBytes = (pack: Pack, offset: number, bytes: number) => {
    const file = files.open(pack);
    return file === undefined ? undefined : readAt(file, offset, bytes);
  };
  let ahead: { pack: Pack; offset: number; data: Buffer<ArrayBuffer> } | undefined;
  const readNext = ({ pack, entry: { digest, offset, bytes } }: Place) => {
    const end = ahead?.pack === pack ? ahead.offset + ahead.data.length : 0;
    if (!ahead || offset < ahead.offset || offset + bytes > end) {
      const data = readBytes(pack, offset, Math.max(bytes, aheadBytes));
      if (!data) return undefined;
      ahead = { pack, offset, data };
    }
    const at = offset - ahead.offset;
    const data = ahead.data.subarray(at, at + bytes);
    assertDigest(data, digest, pack.path, offset);
    return data;
  };
  return {
    folder,
    refresh,
    find,
    packs: () => [...packs()],
    readNext,
    read: (digest) => readIntact(packs(), digest, readBytes),
    startPack: () =>
      startPack(folder, (name) => {
        refresh();
        onPublished(name);
      }),
    close: () => files.closeOthers(new Set()),
  };
}

/** The files of packs, opened when they are first read. */
function createOpenFiles() {
  const files = new Map<string, number>();
  return {
    /** Undefined if another process has just replaced the pack. */
    open({ name, path }: Pack): number | undefined {
      const file = files.get(name) ?? openIfThere(path);
      if (file !== undefined) files.set(name, file);
      return file;
    },
    closeOthers(names: ReadonlySet<string>): void {
      for (const [name, file] of files) {
        if (names.has(name)) continue;
        closeSync(file);
        files.delete(name);
      }
    },
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The first intact copy of a blob; undefined if there is none at all. */
function readIntact(
  packs: Iterable<Pack>,
  digest: Digest,
  readBytes: (pack: Pack, offset: number, bytes: number) => Buffer<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  let damage: unknown;
  for (const pack of packs) {
    const entry = pack.index.find(digest);
    const data = entry && readBytes(pack, entry.offset, entry.bytes);
    if (!data) continue;
    try {
      assertDigest(data, digest, pack.path, entry.offset);
      return data;
    } catch (error) {
      if (!isMainstemError(error, 'STORE_CORRUPT')) throw error;
      damage ??= error;
    }
  }
  if (damage !== undefined) throw damage;
  return undefined;
}

/** Asserts that the bytes have their digest. @throws MainstemError STORE_CORRUPT naming digest, file and offset */
export function assertDigest(data: Uint8Array, digest: Digest, file: string, offset: number): void {
  const found: Digest = `sha256:${hash('sha256', data, 'hex')}`;
  if (found === digest) return;
  throw new MainstemError('STORE_CORRUPT', { digest, what: '', file, offset, found });
}

function listPacks(folder: string): string[] {
  try {
    // Reading a pipe that somebody put there would wait forever.
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isFIFO());
    const present = new Set(entries.map(({ name }) => name));
    return [...present]
      .filter((name) => name.endsWith('.idx') && present.has(`${name.slice(0, -4)}.pack`))
      .map((name) => name.slice(0, -4));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A pack that another process has just replaced is left out. */
function addPack(known: Map<string, Pack>, folder: string, name: string): void {
  try {
    known.set(name, loadPack(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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

function startPack(folder: string, onPublished: (name: string) => void): PendingPack {
  makeFolderSync(folder);
  const temporary = temporaryIn(folder);
  const writer = createPackWriter(temporary);
  const discard = async () => {
    writer.abandon();
    await rm(temporary, { force: true });
  };
  let done = false;
  return {
    writer,
    discard: async () => {
      if (!done) await discard();
    },
    async publish() {
      if (writer.entries.length === 0) {
        await discard();
        return null;
      }
      writer.close();
      const name = await publishPack(folder, temporary, encodeIndex(writer.entries));
      onPublished(name);
      done = true;
      return name;
    },
  };
}

/**
 * Publishes a pack file that has been written and synced. The index is renamed last, so that a visible index always has
 * its pack; it is written first, so that a full disk leaves nothing. Until then it shows who is publishing the pack.
 *
 * @param temporary path in the same folder; it is renamed.
 * @returns the pack's name
 */
export async function publishPack(
  folder: string,
  temporary: string,
  index: Uint8Array,
): Promise<string> {
  const name = packName(index);
  const [pack, indexPath] = [join(folder, `${name}.pack`), join(folder, `${name}.idx`)];
  const indexTemporary = temporaryBeside(indexPath);
  try {
    await writeSynced(indexTemporary, index);
    await rename(temporary, pack);
    await syncFolder(folder);
    await rename(indexTemporary, indexPath);
  } catch (error) {
    await rm(indexTemporary, { force: true });
    throw namePath(error, indexPath);
  }
  await syncFolder(folder);
  return name;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
