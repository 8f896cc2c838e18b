import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packMarks, shareMarks } from '../../../../platform/lib/mark-set.ts';

const words = fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 });

test('two sets of texts share a mark exactly if they share a text', () => {
  fc.assert(
    fc.property(words, words, (one, other) => {
      const shared = one.some((word) => other.includes(word));
      expect(shareMarks(packMarks(one), packMarks(other))).toBe(shared);
    }),
  );
});

test('order and repetition do not change the marks of a set', () => {
  fc.assert(
    fc.property(words, (some) => {
      expect(packMarks([...some, ...some].reverse())).toBe(packMarks(some));
    }),
  );
});

test('large sets keep small marks, and those that share a fiftieth are found', () => {
  const names = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => `example ${from + at}`);
  for (let round = 0; round < 20; round += 1) {
    const first = packMarks(names(round * 100_000, 10_000));
    expect(first.length).toBe(8000);
    expect(shareMarks(first, packMarks(names(round * 100_000 + 9600, 10_000)))).toBe(true);
    expect(shareMarks(first, packMarks(names(round * 100_000 + 10_000, 10_000)))).toBe(false);
  }
});
