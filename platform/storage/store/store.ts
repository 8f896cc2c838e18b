import { hash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestBytes, digestFile, hexOf } from '../../lib/hash.ts';
import { readJson } from '../../lib/json-file.ts';
import { type Artefact, type BlobStore, StageRecord } from '../../schemas/index.ts';
import { copyFast, type ObjectFolder, openObjectFolder } from './object-folder.ts';
import { openPackFolder, type PackFolder, type PendingPack } from './pack-folder.ts';
import { type VisitOptions, visitFiles } from './visit-files.ts';

/** A pack is closed when it has this many bytes, so that transfers can resume in small steps. */
export const packBytes = 64 * 1024 * 1024;
const octets = 'application/octet-stream';

/** The content-addressed store of one machine: blobs by digest, stage records by run key. */
export interface Store extends BlobStore {
  /** Absolute path of the store's folder. */
  readonly folder: string;
  readonly packs: PackFolder;
  readonly objects: ObjectFolder;
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
  /** The record of a run key, or null if that stage never ran here. @throws MainstemError JSON_INVALID */
  readRecord(key: Digest): Promise<StageRecord | null>;
  writeRecord(record: StageRecord): Promise<void>;
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
  const packs = openPackFolder(join(folder, 'packs'));
  const objects = openObjectFolder(join(folder, 'objects'));
  const has = async (digest: Digest) => {
    if (packs.find(digest) || (await objects.has(digest))) return true;
    packs.refresh();
    return packs.find(digest) !== undefined;
  };
  const get = async (digest: Digest) => {
    const data = packs.read(digest) ?? (await objects.read(digest));
    if (data) return data;
    packs.refresh();
    const added = packs.read(digest);
    if (added) return added;
    throw new MainstemError('STORE_MISSING', { digest, what: '' });
  };
  const recordPath = (key: Digest) => join(folder, 'records', `${hexOf(key)}.json`);
  const parts = { packs, objects };
  return {
    folder,
    packs,
    objects,
    has,
    get,
    recordPath,
    async put(bytes, mediaType = octets) {
      const digest = digestBytes(bytes);
      if (!(await has(digest))) await objects.write(digest, bytes);
      return { digest, bytes: bytes.length, mediaType };
    },
    async putFile(path, mediaType = octets) {
      const [artefact] = await putFiles(parts, [path], {});
      if (!artefact) throw new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOENT' });
      return { ...artefact, mediaType };
    },
    putFiles: (paths, options = {}) => putFiles(parts, paths, options),
    putMany: (blobs) => putMany(packs, blobs),
    exportTo: (digest, path) => exportBlob(objects, get, digest, path),
    async readRecord(key) {
      return readJson(recordPath(key), StageRecord).catch((error) => {
        if (error instanceof MainstemError && error.details.reason === 'ENOENT') return null;
        throw error;
      });
    },
    writeRecord: (record) =>
      writeFileAtomic(recordPath(record.key), `${JSON.stringify(record, null, 2)}\n`),
    close: packs.close,
  };
}

interface StoreParts {
  readonly packs: PackFolder;
  readonly objects: ObjectFolder;
}

async function putFiles(
  { packs, objects }: StoreParts,
  paths: readonly string[],
  options: VisitOptions,
): Promise<Artefact[]> {
  let results: Artefact[] = [];
  await writePacks(packs, async (append) => {
    const large = async (path: string) => ({
      ...(await objects.adopt(path)),
      mediaType: octets,
    });
    results = await visitFiles(paths, { small: append, large }, options);
  });
  return results;
}

async function putMany(packs: PackFolder, blobs: AsyncIterable<Uint8Array>): Promise<Artefact[]> {
  const results: Artefact[] = [];
  await writePacks(packs, async (append) => {
    for await (const bytes of blobs) {
      results.push(await append(bytes, `sha256:${hash('sha256', bytes, 'hex')}`));
    }
  });
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

async function exportBlob(
  objects: ObjectFolder,
  get: (digest: Digest) => Promise<Uint8Array>,
  digest: Digest,
  path: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (!(await objects.has(digest))) return writeFile(path, await get(digest));
  const from = objects.pathOf(digest);
  await copyFast(from, path);
  const found = await digestFile(path);
  if (found !== digest) {
    throw new MainstemError('STORE_CORRUPT', { digest, what: '', file: from, offset: 0, found });
  }
}
