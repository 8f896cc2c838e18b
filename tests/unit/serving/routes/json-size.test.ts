import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertJsonSize } from '../../../../serving/routes/json-size.ts';

/** Values in parsed JSON: the value itself and everything in it. */
function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + count(part), 1);
}

test('the values of any JSON are counted: no more and no fewer, but for empty lists', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 2), (text, indent) => {
      const value = JSON.parse(text);
      const bytes = Buffer.from(JSON.stringify(value, null, indent));
      assertJsonSize(bytes, { values: 2 * count(value) });
      const values = Math.ceil(count(value) / 2) - 1;
      if (values > 0) expect(() => assertJsonSize(bytes, { values })).toThrow('values');
    }),
  );
});

test('what stands in a text does not count', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', ',', '{', '"', '\\', 'x') }), (text) => {
      assertJsonSize(Buffer.from(JSON.stringify([text, text])), { values: 3 });
    }),
  );
});

test('a million small values are refused in milliseconds, wherever the limit is', () => {
  const bytes = Buffer.from(`[${'1,'.repeat(10_000_000)}1]`);
  const began = performance.now();
  expect(() => assertJsonSize(bytes, { values: 1000 })).toThrow('more than 1000 values');
  expect(performance.now() - began).toBeLessThan(50);
});

test('deep nesting is refused, broken JSON is left to the parser', () => {
  const check = (text: string) => assertJsonSize(Buffer.from(text), { values: 100_000 });
  expect(() => check('['.repeat(17))).toThrow('deeper than 16');
  expect(() => check('{"a":'.repeat(5_000))).toThrow('deeper than 16');
  for (const text of ['', '"', '"\\', '"\\"', ']]]', '{', 'nonsense', '['.repeat(16)]) check(text);
});
