import { hash } from 'node:crypto';
import type { Digest } from '../../lib/hash.ts';
import { hexOf } from '../../lib/hash.ts';
import { writeDigest } from '../store/write-digest.ts';
import { type ScannedFiles, stateLength } from './scan.ts';

/*
 * A stat cache's file: 8 bytes of magic, float64 count, manifest digest 32, per file its state of four float64,
 * per file its digest 32, the paths as UTF-8 with NUL between, then the SHA-256 of everything before. Numbers
 * have the byte order of the machine, since no other reads the file: they are used in place, without parsing.
 */

const magic = Buffer.from('MSTEMSC2');
const headBytes = 48;
const digestBytes = 32;
const stateBytes = stateLength * Float64Array.BYTES_PER_ELEMENT;

/** What a stat cache holds, opened. */
export interface RememberedFiles {
  readonly manifest: Digest | '';
  /** Decoded when asked for, as are the states: an unchanged dataset needs neither. */
  readonly paths: readonly string[];
  readonly states: ScannedFiles['states'];
  /** Whether exactly these files, in these states, are remembered; a state with NaN never is. */
  equals(files: ScannedFiles): boolean;
  digestAt(position: number): Digest | undefined;
}

/** Encodes a stat cache. */
export function encodeStatCache({
  manifest,
  paths,
  states,
  digests,
}: ScannedFiles & { readonly manifest: Digest; readonly digests: readonly Digest[] }): Buffer {
  const names = Buffer.from(paths.join('\0'));
  const digestsAt = headBytes + paths.length * stateBytes;
  const namesAt = digestsAt + paths.length * digestBytes;
  const end = namesAt + names.length;
  const data = Buffer.allocUnsafeSlow(end + digestBytes);
  magic.copy(data);
  data.writeDoubleLE(paths.length, 8);
  data.write(hexOf(manifest), 16, 'hex');
  data.set(new Uint8Array(states.buffer, states.byteOffset, states.byteLength), headBytes);
  digests.forEach((digest, at) => {
    writeDigest(digest, data, digestsAt + at * digestBytes);
  });
  data.set(names, namesAt);
  data.write(hash('sha256', data.subarray(0, end), 'hex'), end, 'hex');
  return data;
}

/** Opens an encoded stat cache; undefined if it is incomplete or damaged. */
export function decodeStatCache(data: Buffer): RememberedFiles | undefined {
  const end = data.length - digestBytes;
  if (end < headBytes || !data.subarray(0, magic.length).equals(magic)) return;
  if (hash('sha256', data.subarray(0, end), 'hex') !== data.toString('hex', end)) return;
  const count = data.readDoubleLE(8);
  const digestsAt = headBytes + count * stateBytes;
  const namesAt = digestsAt + count * digestBytes;
  const names = data.toString('utf8', namesAt, end);
  const states = data.subarray(headBytes, digestsAt);
  return {
    manifest: `sha256:${data.toString('hex', 16, headBytes)}`,
    get paths() {
      return count === 0 ? [] : names.split('\0');
    },
    get states() {
      // A copy, because a view must begin at a multiple of eight in memory.
      return new Float64Array(new Uint8Array(states).buffer);
    },
    equals({ paths, states: { buffer, byteOffset, byteLength } }) {
      const same =
        paths.length === count && states.equals(new Uint8Array(buffer, byteOffset, byteLength));
      return same && paths.join('\0') === names;
    },
    digestAt(position) {
      const at = digestsAt + position * digestBytes;
      return `sha256:${data.toString('hex', at, at + digestBytes)}`;
    },
  };
}
