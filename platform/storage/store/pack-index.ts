import { hash } from 'node:crypto';
import type { Digest } from '../../lib/hash.ts';
import { hexOf } from '../../lib/hash.ts';
import type { PackEntry } from './pack.ts';

/*
 * A pack's index: 8 bytes of magic, u32 count, then per blob, sorted by digest,
 * [digest 32][offset 6][length 4], all little endian, then the SHA-256 of everything before.
 * It is searched in place, so that opening 70,000 entries costs one read and one hash.
 */

const magic = Buffer.from('MSTEMIX1');
const headBytes = 12;
const entryBytes = 42;
/** Up to this many entries, a plain binary search is as fast. */
const fewEntries = 1024;
/** 32 bits of a digest and this many positions fit into a number's 53 bits. */
const mostPositions = 2 ** 21;

/** A loaded index. */
export interface PackIndex {
  readonly count: number;
  /** Finds a blob by binary search. */
  find(digest: Digest): PackEntry | undefined;
  entries(): PackEntry[];
}

/** Encodes an index; entries may come in any order. */
export function encodeIndex(entries: readonly PackEntry[]): Buffer<ArrayBuffer> {
  const sorted = sortByDigest(entries);
  const data = Buffer.alloc(headBytes + sorted.length * entryBytes + 32);
  magic.copy(data);
  data.writeUInt32LE(sorted.length, 8);
  sorted.forEach(({ digest, offset, bytes }, position) => {
    const at = headBytes + position * entryBytes;
    data.write(hexOf(digest), at, 'hex');
    data.writeUIntLE(offset, at + 32, 6);
    data.writeUInt32LE(bytes, at + 38);
  });
  const end = data.length - 32;
  data.write(hash('sha256', data.subarray(0, end), 'hex'), end, 'hex');
  return data;
}

/** Sorts by numbers made of the digests' first 32 bits and the positions; only equal heads compare strings. */
function sortByDigest(entries: readonly PackEntry[]): PackEntry[] {
  const byDigest = (a: PackEntry, b: PackEntry) => (a.digest < b.digest ? -1 : 1);
  if (entries.length > mostPositions) return [...entries].sort(byDigest);
  const keys = Float64Array.from(entries, ({ digest }, position) => {
    return Number.parseInt(hexOf(digest).slice(0, 8), 16) * mostPositions + position;
  }).sort();
  const nearlySorted = Array.from(keys, (key) => entries[key % mostPositions]);
  return nearlySorted.filter((entry) => entry !== undefined).sort(byDigest);
}

/** Opens an encoded index; undefined if it is incomplete or damaged. */
export function decodeIndex(data: Buffer): PackIndex | undefined {
  if (data.length < headBytes + 32 || !data.subarray(0, magic.length).equals(magic)) return;
  const count = data.readUInt32LE(8);
  const end = headBytes + count * entryBytes;
  if (data.length !== end + 32) return;
  if (hash('sha256', data.subarray(0, end), 'hex') !== data.toString('hex', end)) return;
  const starts = buildStarts(data, count);
  return {
    count,
    find: (digest) => {
      const position = search(data, starts, Buffer.from(hexOf(digest), 'hex'));
      return position < 0 ? undefined : { digest, ...spanAt(data, position) };
    },
    entries: () => Array.from({ length: count }, (_, position) => entryAt(data, position)),
  };
}

/** The name of a pack: a hash of its index, so that equal content gets an equal name. */
export function packName(index: Uint8Array): string {
  return hash('sha256', index, 'hex').slice(0, 40);
}

function entryAt(data: Buffer, position: number): PackEntry {
  const at = headBytes + position * entryBytes;
  const digest: Digest = `sha256:${data.toString('hex', at, at + 32)}`;
  return { digest, ...spanAt(data, position) };
}

function spanAt(data: Buffer, position: number): Pick<PackEntry, 'offset' | 'bytes'> {
  const at = headBytes + position * entryBytes;
  return { offset: data.readUIntLE(at + 32, 6), bytes: data.readUInt32LE(at + 38) };
}

/** Where the digests with each first pair of bytes start: digests are uniform, so few comparisons remain. */
function buildStarts(data: Buffer, count: number): Uint32Array {
  const starts = new Uint32Array(count > fewEntries ? 65_537 : 2);
  if (count <= fewEntries) {
    starts[1] = count;
    return starts;
  }
  for (let position = 0; position < count; position++) {
    const pair = data.readUInt16BE(headBytes + position * entryBytes);
    starts[pair + 1] = position + 1;
  }
  for (let pair = 1; pair < starts.length; pair++) {
    starts[pair] = Math.max(starts[pair] ?? 0, starts[pair - 1] ?? 0);
  }
  return starts;
}

function search(data: Buffer, starts: Uint32Array, wanted: Buffer): number {
  const pair = starts.length === 2 ? 0 : wanted.readUInt16BE(0);
  let low = starts[pair] ?? 0;
  let high = (starts[pair + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = headBytes + middle * entryBytes;
    const order = wanted.compare(data, at, at + 32);
    if (order === 0) return middle;
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return -1;
}
