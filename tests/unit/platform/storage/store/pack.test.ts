import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import {
  createPackWriter,
  scanPack,
  verifyEntries,
} from '../../../../../platform/storage/store/pack.ts';
import { decodeIndex, encodeIndex } from '../../../../../platform/storage/store/pack-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'mainstem-pack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let packs = 0;

function writePack(blobs: readonly Uint8Array[]) {
  const path = join(folder, `${packs++}.pack`);
  const writer = createPackWriter(path);
  for (const blob of blobs) writer.append(digestBytes(blob), blob);
  writer.close();
  return { content: readFileSync(path), entries: writer.entries };
}

const blobLists = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });

test('blobs written to a pack are found by its entries and by a scan', () => {
  fc.assert(
    fc.property(blobLists, (blobs) => {
      const { content, entries } = writePack(blobs);
      expect(scanPack(content)).toEqual({ entries, damaged: [], flaws: [], tail: 0 });
      expect(verifyEntries(content, [...entries].reverse())).toEqual({
        entries,
        damaged: [],
        flaws: [],
      });
      for (const [at, { offset, bytes }] of entries.entries()) {
        expect(new Uint8Array(content.subarray(offset, offset + bytes))).toEqual(blobs[at]);
      }
    }),
  );
});

test('a pack truncated anywhere keeps its complete records and reports the rest as a tail', () => {
  fc.assert(
    fc.property(blobLists, fc.double({ min: 0, max: 1, noNaN: true }), (blobs, share) => {
      const { content, entries } = writePack(blobs);
      const cut = Math.floor(content.length * share);
      const scan = scanPack(content.subarray(0, cut));
      const whole = entries.filter(({ offset, bytes }) => offset + bytes <= cut);
      expect(scan.entries).toEqual(whole);
      expect(scan.damaged).toEqual([]);
      const last = whole.at(-1);
      const end = last ? last.offset + last.bytes : Math.min(8, cut);
      expect(scan.tail).toBe(cut < 8 ? cut : cut - end);
    }),
  );
});

test('one flipped byte in a blob is reported with the digest that it broke', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (blob, where) => {
      const { content, entries } = writePack([blob]);
      const [entry] = entries;
      if (!entry) throw new Error('one blob, one entry');
      const at = entry.offset + (where % blob.length);
      content[at] = (content[at] ?? 0) ^ 1;
      const { damaged } = scanPack(content);
      expect(damaged).toEqual([{ ...entry, found: expect.not.stringMatching(entry.digest) }]);
    }),
  );
});

test('a flipped byte anywhere in a pack, and a pack cut or continued anywhere, is noticed with its index', () => {
  const lists = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lists, fc.nat(), fc.nat(6), (blobs, where, bit) => {
      const { content, entries } = writePack(blobs);
      const at = where % content.length;
      const isNoticed = (bytes: Uint8Array) => {
        const { damaged, flaws } = verifyEntries(bytes, entries);
        return damaged.length + flaws.length > 0;
      };
      expect(isNoticed(content)).toBe(false);
      expect(isNoticed(content.subarray(0, at))).toBe(true);
      expect(isNoticed(Buffer.concat([content, content.subarray(0, at + 1)]))).toBe(true);
      content[at] = (content[at] ?? 0) ^ (1 << bit);
      expect(isNoticed(content)).toBe(true);
    }),
  );
});

const entryLists = fc.uniqueArray(
  fc.record({
    digest: fc.string({ maxLength: 20 }).map(digestBytes),
    offset: fc.nat({ max: 2 ** 40 }),
    bytes: fc.nat({ max: 2 ** 32 - 1 }),
  }),
  { selector: ({ digest }) => digest, maxLength: 40 },
);

test('an index finds every entry, in whatever order they came, and nothing else', () => {
  fc.assert(
    fc.property(entryLists, (entries) => {
      const index = decodeIndex(encodeIndex(entries));
      expect(index?.count).toBe(entries.length);
      for (const entry of entries) expect(index?.find(entry.digest)).toEqual(entry);
      expect(index?.find(digestBytes('a text longer than those above'))).toBeUndefined();
      expect(encodeIndex(index?.entries() ?? [])).toEqual(encodeIndex([...entries].reverse()));
    }),
  );
});

test('an index that is truncated or has a flipped bit is not opened', () => {
  fc.assert(
    fc.property(entryLists, fc.nat(), fc.boolean(), (entries, where, cut) => {
      const data = encodeIndex(entries);
      const at = where % data.length;
      if (!cut) data[at] = (data[at] ?? 0) ^ 4;
      expect(decodeIndex(cut ? data.subarray(0, at) : data)).toBeUndefined();
    }),
  );
});
