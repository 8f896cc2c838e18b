import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findLookAlikes,
  foldIdentical,
  foldSimilar,
  foldVolume,
  spellOut,
} from '../../../../platform/lib/look-alikes.ts';

const anyName = fc.string({ unit: 'grapheme', maxLength: 12 });

describe.each([
  ['foldIdentical', foldIdentical],
  ['foldSimilar', foldSimilar],
  ['foldVolume', foldVolume],
])('%s', (_, fold) => {
  test('maps a name and its folded form to the same text', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(fold(fold(name))).toBe(fold(name));
      }),
      { numRuns: 2000 },
    );
  });

  test('takes composed and decomposed letters for one another', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(fold(name.normalize('NFD'))).toBe(fold(name.normalize('NFC')));
      }),
    );
  });
});

test.each([
  ['café', 'cafe\u0301', foldIdentical],
  ['good', 'good ', foldIdentical],
  ['a b', 'a\u00a0b', foldIdentical],
  ['good', 'go\u200bod', foldIdentical],
  ['Good', 'good', foldSimilar],
  ['fig', 'ﬁg', foldSimilar],
  ['ABC', 'ＡＢＣ', foldSimilar],
  ['good', 'gооd', foldSimilar],
  ['Straße', 'STRASSE', foldSimilar],
  ['ÄPFEL', 'a\u0308pfel', foldVolume],
])('%j and %j are alike', (one, other, fold) => {
  expect(one).not.toBe(other);
  expect(findLookAlikes([one, 'kiwi', other], fold)).toEqual([[one, other]]);
});

test.each([
  ['good', 'Good', foldIdentical],
  ['cafe', 'café', foldSimilar],
  ['0', '1', foldSimilar],
  ['a b', 'ab', foldSimilar],
  ['good ', 'good', foldVolume],
])('%j and %j are not alike', (one, other, fold) => {
  expect(findLookAlikes([one, other], fold)).toEqual([]);
});

test('names are spelt out by code point where they are not plain', () => {
  expect(spellOut('good')).toBe('"good"');
  expect(spellOut('cafe\u0301')).toBe('"cafe\u0301" (cafe U+0301)');
  expect(spellOut('пи')).toBe('"пи" (U+043F U+0438)');
});

test('two names that differ are spelt out differently', () => {
  fc.assert(
    fc.property(anyName, anyName, (one, other) => {
      fc.pre(one !== other);
      expect(spellOut(one)).not.toBe(spellOut(other));
    }),
  );
});
