import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lossOf, paretoFront } from '../../../../pipeline/sweep/index.ts';

const objectives = [
  { name: 'accuracy', better: 'higher' },
  { name: 'bytes', better: 'lower' },
] as const;
const result = fc.record({
  accuracy: fc.integer({ min: 0, max: 9 }),
  bytes: fc.integer({ min: 0, max: 9 }),
});

test('nothing on the front is beaten, everything else is beaten by something on it', () => {
  fc.assert(
    fc.property(fc.array(result, { minLength: 1, maxLength: 30 }), (results) => {
      const front = paretoFront(results, objectives);
      const beats = (a = results[0], b = results[0]) =>
        a !== undefined &&
        b !== undefined &&
        objectives.every((one) => lossOf(one, a) <= lossOf(one, b)) &&
        objectives.some((one) => lossOf(one, a) < lossOf(one, b));
      for (const [place, own] of results.entries()) {
        const beaten = front.some((other) => beats(results[other], own));
        expect(front.includes(place)).toBe(!beaten);
      }
    }),
  );
});

test('what was not measured is not on the front', () => {
  expect(paretoFront([{ accuracy: 1 }, { accuracy: 0.5, bytes: 3 }], objectives)).toEqual([1]);
});
