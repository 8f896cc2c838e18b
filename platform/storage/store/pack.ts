import { hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { namePath } from '../../lib/files.ts';
import type { Digest } from '../../lib/hash.ts';
import { writeDigest } from './write-digest.ts';

/*
 * A pack: 8 bytes of magic, then records of [digest 32][length u32 little endian][bytes]. With the index next to
 * it, reading a blob takes one read; the record heads allow a lost index to be rebuilt.
 */

const magic = Buffer.from('MSTEMPK1');
const headBytes = 36;
const bufferBytes = 4 * 1024 * 1024;

/** Where a blob is in a pack: `offset` is that of its bytes. */
export interface PackEntry {
  readonly digest: Digest;
  readonly offset: number;
  readonly bytes: number;
}

/** Appends blobs to a new pack file. Nothing is published: the caller renames the file after closing it. */
export interface PackWriter {
  readonly entries: readonly PackEntry[];
  /** Bytes written so far. */
  readonly size: number;
  append(digest: Digest, bytes: Uint8Array): void;
  /** Writes what is buffered, syncs to disk and closes. @throws NodeJS.ErrnoException with the path; it is closed then */
  close(): void;
  /** Closes without writing what is buffered; harmless after `close`. */
  abandon(): void;
}

/** Starts a pack at a path that must not exist. */
export function createPackWriter(path: string): PackWriter {
  const file = openSync(path, 'wx');
  const entries: PackEntry[] = [];
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let filled = magic.copy(buffer);
  let written = 0;
  let open = true;
  const abandon = () => {
    if (open) closeSync(file);
    open = false;
  };
  const flush = () => {
    try {
      writeAll(file, buffer.subarray(0, filled));
    } catch (error) {
      throw namePath(error, path);
    }
    written += filled;
    filled = 0;
  };
  return {
    entries,
    get size() {
      return written + filled;
    },
    append(digest, bytes) {
      if (filled + headBytes + bytes.length > bufferBytes) flush();
      writeDigest(digest, buffer, filled);
      buffer.writeUInt32LE(bytes.length, filled + 32);
      filled += headBytes;
      entries.push({ digest, offset: written + filled, bytes: bytes.length });
      buffer.set(bytes, filled);
      filled += bytes.length;
    },
    close() {
      try {
        flush();
        fsyncSync(file);
      } finally {
        abandon();
      }
    },
    abandon,
  };
}

/** The result of scanning a pack. */
export interface PackScan {
  /** Complete records whose bytes match their digest. */
  readonly entries: PackEntry[];
  /** Complete records whose bytes do not match, with the digest of those bytes. */
  readonly damaged: (PackEntry & { readonly found: Digest })[];
  /** Where bytes are wrong that are no blob's, from 0: nothing is lost yet, but a lost index could not be rebuilt. */
  readonly flaws: number[];
  /** Number of bytes after the last complete record, left by an interrupted write. */
  readonly tail: number;
}

/** Reads a pack from front to back and verifies every record. A truncated tail is reported and ignored. */
export function scanPack(content: Uint8Array): PackScan {
  const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const scan: PackScan & { tail: number } = { entries: [], damaged: [], flaws: [], tail: 0 };
  if (!startsWell(data)) return { ...scan, flaws: [0], tail: data.length };
  let at = magic.length;
  while (at + headBytes <= data.length) {
    const bytes = data.readUInt32LE(at + 32);
    const offset = at + headBytes;
    if (offset + bytes > data.length) break;
    const digest: Digest = `sha256:${data.toString('hex', at, at + 32)}`;
    const found: Digest = `sha256:${hash('sha256', data.subarray(offset, offset + bytes), 'hex')}`;
    if (found === digest) scan.entries.push({ digest, offset, bytes });
    else scan.damaged.push({ digest, offset, bytes, found });
    at = offset + bytes;
  }
  scan.tail = data.length - at;
  if (scan.tail > 0) scan.flaws.push(at);
  return scan;
}

/**
 * Verifies a pack by its index: blobs at the places that it names, so that a damaged record head hides none of them, and every byte
 * between them.
 */
export function verifyEntries(
  content: Uint8Array,
  entries: readonly PackEntry[],
): Omit<PackScan, 'tail'> {
  const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const verified: Omit<PackScan, 'tail'> = { entries: [], damaged: [], flaws: [] };
  if (!startsWell(data)) verified.flaws.push(0);
  const head = Buffer.alloc(headBytes);
  let at = magic.length;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const end = entry.offset + entry.bytes;
    const bytes = data.subarray(entry.offset, end);
    const found: Digest = `sha256:${hash('sha256', bytes, 'hex')}`;
    if (found === entry.digest) verified.entries.push(entry);
    else verified.damaged.push({ ...entry, found });
    writeDigest(entry.digest, head, 0);
    head.writeUInt32LE(entry.bytes, 32);
    if (!data.subarray(at, entry.offset).equals(head)) verified.flaws.push(at);
    at = end;
  }
  if (data.length > at) verified.flaws.push(at);
  return verified;
}

function startsWell(data: Buffer): boolean {
  return data.subarray(0, magic.length).equals(magic);
}

/** Reads exactly `bytes` bytes at an offset, or fewer if the file ends. */
export function readAt(file: number, offset: number, bytes: number): Buffer<ArrayBuffer> {
  const data = Buffer.allocUnsafeSlow(bytes);
  let done = 0;
  while (done < bytes) {
    const count = readSync(file, data, done, bytes - done, offset + done);
    if (count === 0) return data.subarray(0, done);
    done += count;
  }
  return data;
}

function writeAll(file: number, data: Uint8Array): void {
  for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
}
