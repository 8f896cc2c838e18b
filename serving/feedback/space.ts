import type { Stats } from 'node:fs';
import { lstat, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { inLanes } from '../../platform/lib/in-lanes.ts';

/** What files take on the disk. */
export interface Usage {
  readonly bytes: number;
  readonly files: number;
}

/** What a disk has left; `files` is infinite where the file system does not count them. */
export type Room = Usage;

/** A file takes whole blocks, of this size on the usual file systems. */
const blockBytes = 4096;
/** Longer than any write takes: an older temporary file was left by a process that was killed. */
const leftoverMs = 60_000;
/** Files looked at at once. */
const lanes = 16;

/**
 * The bytes that a file of so many bytes takes on a disk.
 *
 * @example bytesOnDisk(1) // 4096
 */
export function bytesOnDisk(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

/**
 * The most bytes that a file of so many bytes takes on a disk if it grew bit by bit: ext4 keeps the list of up to four
 * parts in the inode, and a longer one in a block of its own.
 */
export function mostBytesOnDisk(size: number): number {
  return bytesOnDisk(size) + (size > 4 * blockBytes ? blockBytes : 0);
}

/** The bytes that a file takes on the disk: a fragmented one takes more than its size says, for the list of its parts. */
export function takenBy({ size, blocks }: Pick<Stats, 'size' | 'blocks'>): number {
  return Math.max(bytesOnDisk(size), blocks * 512);
}

/**
 * Measures what a folder's files take on the disk, folders included, and removes temporary files that a killed process
 * left in it. A folder that does not exist takes nothing.
 *
 * @throws NodeJS.ErrnoException if it cannot be read
 */
export async function measureFolder(folder: string, now = Date.now()): Promise<Usage> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nothing);
  const sizes = await inLanes(entries ?? [], lanes, async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    const found = await lstat(path).catch(nothing);
    return !found || (await removeLeftover(path, found, now)) ? null : takenBy(found);
  });
  const kept = sizes.filter((size) => size !== null);
  return { bytes: kept.reduce((sum, size) => sum + size, 0), files: kept.length };
}

/** For what is not there; whoever moves files away may do so meanwhile. */
function nothing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function removeLeftover(path: string, { mtimeMs }: Stats, now: number): Promise<boolean> {
  if (!path.endsWith('.tmp') || now - mtimeMs < leftoverMs) return false;
  await rm(path, { force: true });
  return true;
}

/** What the disk under a folder has left for this user. @throws NodeJS.ErrnoException */
export async function measureRoom(folder: string): Promise<Room> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { bytes: bavail * bsize, files: files === 0 ? Number.POSITIVE_INFINITY : ffree };
}
