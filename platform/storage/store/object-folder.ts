import { constants } from 'node:fs';
import { access, copyFile, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeFileAtomic } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { digestFile, hexOf } from '../../lib/hash.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import { assertDigest } from './pack-folder.ts';
import { copySteadily } from './steady-file.ts';

const wholeBytes = 64 * 1024 * 1024;

/** Blobs as one file each, `ab/cdef…`: large ones, and single ones such as stage outputs. */
export interface ObjectFolder {
  readonly folder: string;
  pathOf(digest: Digest): string;
  has(digest: Digest): Promise<boolean>;
  /** Reads and verifies a blob; undefined if it is missing. @throws MainstemError STORE_CORRUPT */
  read(digest: Digest): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(digest: Digest, bytes: Uint8Array): Promise<void>;
  /**
   * Copies a file in (as a reflink where the file system can); returns the digest and size of the copy.
   *
   * @throws MainstemError FILE_CHANGED
   */
  adopt(path: string): Promise<{ digest: Digest; bytes: number }>;
  list(): Promise<Digest[]>;
}

/** Opens a folder of whole blobs; it is created by the first write. */
export function openObjectFolder(folder: string): ObjectFolder {
  const pathOf = (digest: Digest) => {
    const hex = hexOf(digest);
    return join(folder, hex.slice(0, 2), hex.slice(2));
  };
  return {
    folder,
    pathOf,
    has: (digest) => exists(pathOf(digest)),
    async read(digest) {
      const data = await readFile(pathOf(digest)).catch(ifMissing(undefined));
      if (data) assertDigest(data, digest, pathOf(digest), 0);
      return data;
    },
    write: (digest, bytes) => writeFileAtomic(pathOf(digest), bytes),
    adopt: (path) => adopt(folder, path, pathOf),
    list: () => listObjects(folder),
  };
}

/** The digest of a file, computed in the thread pool so that several are hashed at once; huge files are streamed. */
export async function digestLarge(path: string): Promise<Digest> {
  if ((await stat(path)).size > wholeBytes) return digestFile(path);
  const hashed = await crypto.subtle.digest('SHA-256', await readFile(path));
  return `sha256:${Buffer.from(hashed).toString('hex')}`;
}

/**
 * Copies a file, sharing the bytes if the file system can.
 *
 * @param mode further flags of `copyFile`
 * @throws NodeJS.ErrnoException naming the copy, not the original, if the disk is full
 */
export async function copyFast(from: string, to: string, mode = 0): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE | mode).catch((error: unknown) => {
    throw isFullDisk(error) ? Object.assign(error, { path: to }) : error;
  });
}

/** Whether a file could not be written to its end: no room, no quota, or larger than allowed. */
export function isFullDisk(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG';
}

/** Hashes the copy, not the original, which may change in the meantime. */
async function adopt(
  folder: string,
  path: string,
  pathOf: (digest: Digest) => string,
): Promise<{ digest: Digest; bytes: number }> {
  await makeFolder(folder);
  const temporary = temporaryIn(folder);
  try {
    await copySteadily(path, temporary);
    const digest = await digestLarge(temporary);
    return { digest, bytes: await publishObject(temporary, pathOf(digest)) };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Syncs a finished file and renames it into place; returns its size in bytes. */
export async function publishObject(temporary: string, path: string): Promise<number> {
  const file = await open(temporary, 'r+');
  const { size } = await file.stat();
  await file.sync().finally(() => file.close());
  await makeFolder(dirname(path));
  await rename(temporary, path);
  await syncFolder(dirname(path));
  return size;
}

async function listObjects(folder: string): Promise<Digest[]> {
  const prefixes = await readdir(folder).catch(ifMissing<string[]>([]));
  const groups = await Promise.all(
    prefixes
      .filter((prefix) => /^[0-9a-f]{2}$/.test(prefix))
      .map(async (prefix) => {
        const names = await readdir(join(folder, prefix));
        return names
          .filter((name) => /^[0-9a-f]{62}$/.test(name))
          .map((name): Digest => `sha256:${prefix}${name}`);
      }),
  );
  return groups.flat().sort();
}

/** For `.catch`: turns "no such file" into a value, and rethrows every other error. */
export function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, ifMissing(false));
}
