import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createAccessKey,
  digestAccessKey,
  isWholeAccessKey,
} from '../../../../platform/lib/access-key.ts';

test('a key has a form that a secret scanner finds, and no two are alike', () => {
  const keys = Array.from({ length: 200 }, createAccessKey);
  for (const key of keys) expect(key).toMatch(/^mainstem_[0-9A-Za-z]{49}$/);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every(isWholeAccessKey)).toBe(true);
});

test('every letter occurs: none is left out by the way that they are drawn', () => {
  const letters = new Set(Array.from({ length: 100 }, createAccessKey).join('').slice(0, 5000));
  expect(letters.size).toBeGreaterThanOrEqual(62);
});

test('a key with one letter changed, cut off or added is not whole', () => {
  const letter = fc.constantFrom(
    ...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  );
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 57 }), letter, (at, other) => {
      const key = createAccessKey();
      fc.pre(key[at] !== other);
      expect(isWholeAccessKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
      expect(isWholeAccessKey(key.slice(0, at) + key.slice(at + 1))).toBe(false);
      expect(isWholeAccessKey(key.slice(0, at) + other + key.slice(at))).toBe(false);
    }),
  );
});

test.each(['', 'mainstem_', 'secret', 'mainstem_💚', `${'x'.repeat(100_000)}`])(
  'no other text is a key: %#',
  (text) => {
    expect(isWholeAccessKey(text)).toBe(false);
  },
);

test('the digest is the plain SHA-256 of the text', () => {
  expect(digestAccessKey('abc')).toBe(
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
