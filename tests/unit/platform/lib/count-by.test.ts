import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBy } from '../../../../platform/lib/count-by.ts';

const ownNames = Object.getOwnPropertyNames(Object.prototype);

test('every name is counted, also one that objects inherit, and comes back from JSON', () => {
  const name = fc.oneof(fc.constantFrom(...ownNames, 'good', 'bad', ''), fc.string());
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const counts = countBy(names, (one) => one);
      const again: unknown = JSON.parse(JSON.stringify(counts));
      for (const counted of [counts, again as Record<string, number>]) {
        expect(Object.keys(counted).sort()).toEqual([...new Set(names)].sort());
        for (const [one, count] of Object.entries(counted))
          expect(count).toBe(names.filter((other) => other === one).length);
      }
    }),
  );
});

test('an item may stand for several', () => {
  expect(
    countBy(
      [['a', 2] as const, ['a', 3] as const],
      ([name]) => name,
      ([, count]) => count,
    ),
  ).toEqual({ a: 5 });
});
