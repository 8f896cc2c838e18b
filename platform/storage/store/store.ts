import { hash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { namePath, writeFileAtomic } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestBytes, digestFile, hexOf } from '../../lib/hash.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { readTextIfThere } from '../../lib/read-text.ts';
import type { Artefact, CheckedStore, StageRecord } from '../../schemas/index.ts';
import {
  copyFast,
  digestLarge,
  ifMissing,
  type ObjectFolder,
  openObjectFolder,
} from './object-folder.ts';
import { openPackFolder, type PackFolder, type PendingPack } from './pack-folder.ts';
import { decodeIntactRecord, encodeRecord } from './record-file.ts';
import { openVerified, readState, type VerifiedFiles } from './verified.ts';
import { type VisitOptions, visitFiles } from './visit-files.ts';

/** A pack is closed when it has this many bytes, so that transfers can resume in small steps. */
export const packBytes = 64 * 1024 * 1024;
const octets = 'application/octet-stream';

/** The content-addressed store of one machine: blobs by digest, stage records by run key. */
export interface Store extends CheckedStore {
  /** Absolute path of the store's folder. */
  readonly folder: string;
  readonly packs: PackFolder;
  readonly objects: ObjectFolder;
  /** Which of its files were verified, and have not changed since. */
  readonly verified: VerifiedFiles;
  putFile(path: string, mediaType?: string): Promise<Artefact>;
  /** Stores files, small ones in packs; results are in the order of the paths. Each small file is read once. */
  putFiles(paths: readonly string[], options?: VisitOptions): Promise<Artefact[]>;
  /** Stores bytes in packs, for many small blobs at once. */
  putMany(blobs: AsyncIterable<Uint8Array>): Promise<Artefact[]>;
  /**
   * Writes a blob to a file, verified. Missing folders are created.
   *
   * @throws MainstemError STORE_MISSING, STORE_CORRUPT
   */
  exportTo(digest: Digest, path: string): Promise<void>;
  /** The record of a run key, or null if that stage never ran here or its record is damaged. @throws MainstemError FILE_UNREADABLE */
  readRecord(key: Digest): Promise<StageRecord | null>;
  writeRecord(record: StageRecord): Promise<void>;
  /** The run keys of all records, also of damaged ones, sorted. */
  recordKeys(): Promise<Digest[]>;
  recordPath(key: Digest): string;
  /** Closes the files that reading opened; the store remains usable. */
  close(): void;
}

/**
 * Opens the store. Nothing is read or created before it is used.
 *
 * @param folder @default `<root>/.mainstem/store`
 * @example await openStore(root).has(digest) // true
 */
export function openStore(root: string, folder = join(root, '.mainstem', 'store')): Store {
  const verified = openVerified(folder);
  const packs = openPackFolder(join(folder, 'packs'), (name) => verified.add(packFile(name)));
  const objects = openObjectFolder(join(folder, 'objects'));
  const parts: StoreParts = { folder, packs, objects, verified };
  const has = async (digest: Digest) => {
    if (packs.find(digest) || (await objects.has(digest))) return true;
    packs.refresh();
    return packs.find(digest) !== undefined;
  };
  const get = (digest: Digest) => getBlob(parts, digest);
  const isIntact = async (digest: Digest) => {
    const intact = await isBlobIntact(parts, digest);
    await verified.save();
    return intact;
  };
  const recordPath = (key: Digest) => join(folder, 'records', `${hexOf(key)}.json`);
  return {
    folder,
    packs,
    objects,
    verified,
    has,
    get,
    isIntact,
    recordPath,
    async put(bytes, mediaType = octets) {
      const digest = digestBytes(bytes);
      // A damaged copy is replaced, or at least no longer the only one.
      if (!(await isIntact(digest))) {
        await objects.write(digest, bytes);
        verified.add(objectFile(parts, digest));
      }
      return { digest, bytes: bytes.length, mediaType };
    },
    async putFile(path, mediaType = octets) {
      const [artefact] = await putFiles(parts, [path], {});
      if (!artefact) throw new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOENT' });
      return { ...artefact, mediaType };
    },
    putFiles: (paths, options = {}) => putFiles(parts, paths, options),
    putMany: (blobs) => putMany(parts, blobs),
    exportTo: (digest, path) => exportBlob(parts, digest, path),
    readRecord: (key) => readRecord(recordPath(key), key),
    async writeRecord(record) {
      await writeFileAtomic(recordPath(record.key), encodeRecord(record));
      await verified.save();
    },
    recordKeys: () => listKeys(join(folder, 'records')),
    close: packs.close,
  };
}

/** A pack's file, relative to the store. */
export function packFile(name: string): string {
  return `packs/${name}.pack`;
}

/** A whole blob's file, relative to the store. */
export function objectFile({ folder, objects }: Pick<Store, 'folder' | 'objects'>, digest: Digest) {
  return relative(folder, objects.pathOf(digest)).replaceAll(sep, '/');
}

async function listKeys(folder: string): Promise<Digest[]> {
  const names = await readdir(folder).catch(ifMissing<string[]>([]));
  return names
    .filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
    .sort()
    .map((name): Digest => `sha256:${name.slice(0, 64)}`);
}

async function readRecord(path: string, key: Digest): Promise<StageRecord | null> {
  const text = await readTextIfThere(path);
  return text === null ? null : decodeIntactRecord(text, key, path);
}

/** Reads a blob from the first intact copy. */
async function getBlob(parts: StoreParts, digest: Digest): Promise<Uint8Array> {
  const known = await readAny(parts, digest);
  if (known) return known;
  parts.packs.refresh();
  const added = parts.packs.read(digest);
  if (added) return added;
  throw new MainstemError('STORE_MISSING', { digest, what: '' });
}

async function readAny(
  { packs, objects }: StoreParts,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  try {
    const packed = packs.read(digest);
    if (packed) return packed;
  } catch (error) {
    if (!isMainstemError(error, 'STORE_CORRUPT')) throw error;
    const whole = await objects.read(digest);
    if (whole) return whole;
    throw error;
  }
  return objects.read(digest);
}

async function isBlobIntact(parts: StoreParts, digest: Digest): Promise<boolean> {
  const { packs, objects } = parts;
  if (!packs.find(digest) && !(await objects.has(digest))) packs.refresh();
  if (isPackedIntact(packs, digest)) return true;
  return isObjectIntact(parts, digest);
}

function isPackedIntact(packs: PackFolder, digest: Digest): boolean {
  try {
    return packs.read(digest) !== undefined;
  } catch (error) {
    if (isMainstemError(error, 'STORE_CORRUPT')) return false;
    throw error;
  }
}

async function isObjectIntact(parts: StoreParts, digest: Digest): Promise<boolean> {
  const { folder, objects, verified } = parts;
  const file = objectFile(parts, digest);
  if (verified.has(file)) return true;
  const state = readState(folder, file);
  const found = await digestLarge(objects.pathOf(digest)).catch(ifMissing(undefined));
  if (found !== digest) return false;
  verified.add(file, state);
  return true;
}

type StoreParts = Pick<Store, 'folder' | 'packs' | 'objects' | 'verified'>;

async function putFiles(
  parts: StoreParts,
  paths: readonly string[],
  options: VisitOptions,
): Promise<Artefact[]> {
  let results: Artefact[] = [];
  await writePacks(parts.packs, async (append) => {
    const large = async (path: string) => {
      const adopted = await parts.objects.adopt(path);
      parts.verified.add(objectFile(parts, adopted.digest));
      return { ...adopted, mediaType: octets };
    };
    results = await visitFiles(paths, { small: append, large }, options);
  });
  await parts.verified.save();
  return results;
}

async function putMany(
  { packs, verified }: StoreParts,
  blobs: AsyncIterable<Uint8Array>,
): Promise<Artefact[]> {
  const results: Artefact[] = [];
  await writePacks(packs, async (append) => {
    for await (const bytes of blobs) {
      results.push(await append(bytes, `sha256:${hash('sha256', bytes, 'hex')}`));
    }
  });
  await verified.save();
  return results;
}

type Append = (bytes: Uint8Array, digest: Digest) => Artefact | Promise<Artefact>;

/** Gives `fill` an `append` that skips what the packs have, and publishes whenever a pack is full. */
async function writePacks(
  packs: PackFolder,
  fill: (append: Append) => Promise<void>,
): Promise<void> {
  let pending: PendingPack | undefined;
  const digests = new Set<Digest>();
  const publish = async () => {
    await pending?.publish();
    pending = undefined;
    digests.clear();
  };
  try {
    await fill((bytes, digest) => {
      const artefact = { digest, bytes: bytes.length, mediaType: octets };
      const before = digests.size;
      // Whether the set grew says whether it was there, with one look-up.
      if (digests.add(digest).size === before || packs.find(digest)) return artefact;
      pending ??= packs.startPack();
      pending.writer.append(digest, bytes);
      return pending.writer.size < packBytes ? artefact : publish().then(() => artefact);
    });
    await publish();
  } finally {
    await pending?.discard();
  }
}

/** If it fails, nothing is left at the path. */
async function exportBlob(parts: StoreParts, digest: Digest, path: string): Promise<void> {
  const { packs, objects } = parts;
  await makeFolder(dirname(path));
  try {
    if (packs.find(digest) || !(await objects.has(digest))) {
      return await writeFile(path, await getBlob(parts, digest));
    }
    const from = objects.pathOf(digest);
    await copyFast(from, path);
    const found = await digestFile(path);
    if (found === digest) return;
    throw new MainstemError('STORE_CORRUPT', { digest, what: '', file: from, offset: 0, found });
  } catch (error) {
    await rm(path, { force: true });
    throw namePath(error, path);
  }
}
