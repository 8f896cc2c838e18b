import { hash } from 'node:crypto';
import type { Digest } from '../../lib/hash.ts';
import type { PackEntry } from './pack.ts';
import { writeDigest } from './write-digest.ts';

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
  const rows = encodeRows(entries);
  const data = Buffer.allocUnsafeSlow(headBytes + rows.length + 32);
  magic.copy(data);
  data.writeUInt32LE(entries.length, 8);
  let at = headBytes;
  for (const position of orderByDigest(rows, entries.length)) {
    const from = position * entryBytes;
    for (let byte = from; byte < from + entryBytes; byte++) data[at++] = rows[byte] ?? 0;
  }
  data.write(hash('sha256', data.subarray(0, at), 'hex'), at, 'hex');
  return data;
}

/** In the order given: following it is fast in memory, sorting objects by their strings is not. */
function encodeRows(entries: readonly PackEntry[]): Buffer {
  const rows = Buffer.allocUnsafeSlow(entries.length * entryBytes);
  let at = 0;
  for (const { digest, offset, bytes } of entries) {
    writeDigest(digest, rows, at);
    rows.writeUIntLE(offset, at + 32, 6);
    rows.writeUInt32LE(bytes, at + 38);
    at += entryBytes;
  }
  return rows;
}

/** Sorts numbers made of the digests' first 32 bits and the positions; only equal heads compare whole digests. */
function orderByDigest(rows: Buffer, count: number): Uint32Array {
  const compare = (a: number, b: number) => {
    const [left, right] = [a * entryBytes, b * entryBytes];
    return rows.compare(rows, right, right + 32, left, left + 32);
  };
  if (count > mostPositions)
    return Uint32Array.from({ length: count }, (_, at) => at).sort(compare);
  const keys = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    keys[at] = rows.readUInt32BE(at * entryBytes) * mostPositions + at;
  }
  return settle(
    Uint32Array.from(keys.sort(), (key) => key % mostPositions),
    rows,
    compare,
  );
}

/** Orders by whole digests what has equal heads: a few neighbours. */
function settle(
  order: Uint32Array,
  rows: Buffer,
  compare: (a: number, b: number) => number,
): Uint32Array {
  const head = (at: number) => rows.readUInt32BE((order[at] ?? 0) * entryBytes);
  for (let start = 0, end = 1; end <= order.length; end++) {
    if (end < order.length && head(end) === head(start)) continue;
    if (end - start > 1) order.subarray(start, end).sort(compare);
    start = end;
  }
  return order;
}

/** Opens an encoded index; undefined if it is incomplete or damaged. */
export function decodeIndex(data: Buffer): PackIndex | undefined {
  if (data.length < headBytes + 32 || !data.subarray(0, magic.length).equals(magic)) return;
  const count = data.readUInt32LE(8);
  const end = headBytes + count * entryBytes;
  if (data.length !== end + 32) return;
  if (hash('sha256', data.subarray(0, end), 'hex') !== data.toString('hex', end)) return;
  const starts = buildStarts(data, count);
  const wanted = new Uint8Array(32);
  return {
    count,
    find: (digest) => {
      writeDigest(digest, wanted, 0);
      const position = search(data, starts, wanted);
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

function search(data: Buffer, starts: Uint32Array, wanted: Uint8Array): number {
  const pair = starts.length === 2 ? 0 : (wanted[0] ?? 0) * 256 + (wanted[1] ?? 0);
  let low = starts[pair] ?? 0;
  let high = (starts[pair + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareDigest(wanted, data, headBytes + middle * entryBytes);
    if (order === 0) return middle;
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return -1;
}

function compareDigest(wanted: Uint8Array, data: Buffer, offset: number): number {
  for (let at = 0; at < 32; at++) {
    const order = (wanted[at] ?? 0) - (data[offset + at] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
