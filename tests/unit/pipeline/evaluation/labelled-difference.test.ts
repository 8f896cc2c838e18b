import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelledDifference } from '../../../../pipeline/evaluation/statistics/labelled-difference.ts';
import { studentQuantile } from '../../../../platform/quality/index.ts';

const differences = [0.1, -0.2, 0.3, 0.05, -0.1, 0.4, 0.2, -0.3];

test('of one class it is the interval of Student, a little wider by the jackknife', () => {
  const { low, high } = labelledDifference(
    differences,
    differences.map(() => 'a'),
  );
  const mean = 0.45 / 8;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const error = Math.sqrt(squares / 7 / 8) * Math.sqrt(8 / 7);
  expect(high - mean).toBeCloseTo(studentQuantile(0.025, 7) * error, 12);
  expect(mean - low).toBeCloseTo(high - mean, 12);
});

test('it does not depend on the order of the examples, and turns round with its sign', () => {
  const pair = fc.record({
    value: fc.double({ min: -1, max: 1, noNaN: true }),
    label: fc.constantFrom('a', 'b', '__proto__'),
  });
  fc.assert(
    fc.property(fc.array(pair, { minLength: 2, maxLength: 40 }), (pairs) => {
      const of = (some: typeof pairs, sign = 1) =>
        labelledDifference(
          some.map(({ value }) => sign * value),
          some.map(({ label }) => label),
        );
      const { low, high } = of(pairs);
      const [back, turned] = [of(pairs.toReversed()), of(pairs, -1)];
      expect(back.low).toBeCloseTo(low, 9);
      expect(back.high).toBeCloseTo(high, 9);
      expect(turned.low).toBeCloseTo(-high, 9);
      expect(turned.high).toBeCloseTo(-low, 9);
    }),
  );
});

test('equal differences have no width, and without any nothing is known', () => {
  expect(labelledDifference([0, 0, 0], ['a', 'b', 'b'])).toEqual({ low: 0, high: 0 });
  expect(labelledDifference([], [])).toEqual({
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  });
});
