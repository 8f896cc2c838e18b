import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import {
  decodeStatCache,
  encodeStatCache,
} from '../../../../../platform/storage/lock/stat-cache-file.ts';

const name = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((path) => path.isWellFormed() && !path.includes('\0'));
const states = fc.array(fc.double(), { minLength: 4, maxLength: 4 });
const files = fc.array(fc.record({ name, states }), { maxLength: 20 });

function encode(list: readonly { name: string; states: readonly number[] }[]): Buffer {
  return encodeStatCache({
    manifest: digestBytes('manifest'),
    paths: list.map((file) => file.name),
    states: Float64Array.from(list.flatMap((file) => file.states)),
    digests: list.map((file) => digestBytes(file.name)),
  });
}

test('a stat cache survives its way through a file, whatever the file names and numbers', () => {
  fc.assert(
    fc.property(files, (list) => {
      const found = decodeStatCache(encode(list));
      expect(found?.manifest).toBe(digestBytes('manifest'));
      expect(found?.paths).toEqual(list.map((file) => file.name));
      expect([...(found?.states ?? [])]).toEqual(list.flatMap((file) => file.states));
      list.forEach((file, at) => {
        expect(found?.digestAt(at)).toBe(digestBytes(file.name));
      });
    }),
  );
});

test('a stat cache that is truncated or has a flipped bit is not opened', () => {
  const data = encode([{ name: 'good/1.jpg', states: [1, 2.5, 3.5, 4] }]);
  for (let at = 0; at < data.length; at++) {
    const flipped = Buffer.from(data);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    expect(decodeStatCache(flipped)).toBeUndefined();
    expect(decodeStatCache(data.subarray(0, at))).toBeUndefined();
  }
});
