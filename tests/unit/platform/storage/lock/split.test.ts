import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { assignPart, assignSplit } from '../../../../../platform/storage/index.ts';
import { decodeManifest, encodeManifest } from '../../../../../platform/storage/lock/manifest.ts';
import { buildProject } from '../../../../helpers/project.ts';

const { fractions } = buildProject('/nowhere').definition.split;

test('a group keeps its split forever: these are the splits of the first release', () => {
  const splits = ['pumpkin-1', 'pumpkin-2', 'pumpkin-3', 'pumpkin-4', 'ä', '']
    .map((group) => assignSplit(group, { seed: 2026, fractions }))
    .join(' ');
  expect(splits).toMatchInlineSnapshot(`"train train test train train train"`);
});

test('a group does not move when a fraction is taken from another split', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (group, seed) => {
      const wide = assignSplit(group, { seed, fractions: [0.6, 0.2, 0.2] });
      const narrow = assignSplit(group, { seed, fractions: [0.6, 0.3, 0.1] });
      if (wide === 'train') expect(narrow).toBe('train');
      if (narrow === 'test') expect(wide).toBe('test');
    }),
  );
});

test('the shares of many groups are near the fractions, and another seed deals them differently', () => {
  const groups = Array.from({ length: 20_000 }, (_, at) => `group-${at}`);
  const first = groups.map((group) => assignSplit(group, { seed: 1, fractions }));
  const other = groups.map((group) => assignSplit(group, { seed: 2, fractions }));
  const share = (name: string) => first.filter((split) => split === name).length / groups.length;
  expect(share('train')).toBeCloseTo(0.7, 1);
  expect(share('validation')).toBeCloseTo(0.15, 1);
  expect(share('test')).toBeCloseTo(0.15, 1);
  const same = first.filter((split, at) => split === other[at]).length / groups.length;
  expect(same).toBeCloseTo(0.7 ** 2 + 2 * 0.15 ** 2, 1);
});

const shares = fc.double({ min: 0.01, max: 0.5, noNaN: true });

test('holding examples back moves no other: each keeps its split or is held back', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), shares, (group, seed, heldBack) => {
      const before = assignSplit(group, { seed, fractions });
      expect(assignPart(group, { seed, fractions })).toBe(before);
      expect([before, 'heldBack']).toContain(assignPart(group, { seed, fractions, heldBack }));
    }),
  );
});

test('a greater share holds back what the smaller one did, and more', () => {
  fc.assert(
    fc.property(fc.string(), shares, shares, (group, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const part = assignPart(group, { seed: 1, fractions, heldBack: less });
      if (part === 'heldBack') {
        expect(assignPart(group, { seed: 1, fractions, heldBack: more })).toBe('heldBack');
      }
    }),
  );
});

test('no seed and no fraction brings what is held back into a split', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), (group, seed, otherSeed) => {
      const part = assignPart(group, { seed, fractions, heldBack: 0.3 });
      const other = assignPart(group, {
        ...{ seed: otherSeed, heldBack: 0.3 },
        fractions: [0.2, 0.2, 0.6],
      });
      expect(other === 'heldBack').toBe(part === 'heldBack');
    }),
  );
});

test('the held-back share of many groups is near what was asked, and the others keep their fractions', () => {
  const groups = Array.from({ length: 20_000 }, (_, at) => `group-${at}`);
  const parts = groups.map((group) => assignPart(group, { seed: 1, fractions, heldBack: 0.1 }));
  const count = (name: string) => parts.filter((part) => part === name).length;
  const held = count('heldBack');
  expect(held / groups.length).toBeCloseTo(0.1, 2);
  expect(count('train') / (groups.length - held)).toBeCloseTo(0.7, 1.5);
  expect(count('test') / (groups.length - held)).toBeCloseTo(0.15, 1.5);
});

test('a manifest survives its way through text, whatever the file names', () => {
  const paths = fc.string({ minLength: 1, unit: 'grapheme' }).filter((p) => !/[\0\r\n]/.test(p));
  const entries = fc.array(
    fc.record({ path: paths, digest: fc.string().map(digestBytes), bytes: fc.nat() }),
  );
  fc.assert(
    fc.property(entries, (list) => {
      expect(decodeManifest(encodeManifest(list))).toEqual(list);
    }),
  );
});

test('a truncated manifest is rejected', () => {
  const text = encodeManifest([{ path: 'good/1.jpg', digest: digestBytes('1'), bytes: 1 }]);
  expect(() => decodeManifest(text.slice(0, -1))).toThrow(/line 1 is damaged/);
  expect(() => decodeManifest(text.slice(0, 60))).toThrow(/damaged/);
  const nul = text.replace('good/1', 'good\0/1');
  expect(() => decodeManifest(nul)).toThrow(/line 2 is damaged/);
});

test.each([
  ['a path out of the store', (hex: string) => `${'../'.repeat(21)}x`.padEnd(hex.length, '/')],
  ['capital letters', (hex: string) => hex.toUpperCase().replace(/^./, 'A')],
  ['no number of bytes', (hex: string) => `${hex}  `],
  ['a number of bytes that is none', (hex: string) => `${hex} 0x`],
])('a manifest with %s for a digest is damaged', (_, write) => {
  const digest = digestBytes('1');
  const text = encodeManifest([{ path: 'good/1.jpg', digest, bytes: 1 }]);
  const hex = digest.slice('sha256:'.length);
  expect(() => decodeManifest(text.replace(hex, write(hex)))).toThrow(/line 2 is damaged/);
});

test.each(['a\nb', 'a\rb', 'a\0b', 'a\ud800', '\udc00/b'])('no manifest names %j', (path) => {
  expect(() => encodeManifest([{ path, digest: digestBytes(''), bytes: 0 }])).toThrow(
    /line break, a zero or half/,
  );
});
