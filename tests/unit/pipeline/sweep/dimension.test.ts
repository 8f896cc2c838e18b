import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Dimension,
  dimensionOf,
  gridValues,
  positionOf,
  valueAt,
} from '../../../../pipeline/sweep/index.ts';

const scale = fc.constantFrom('linear' as const, 'logarithmic' as const);
const steps = fc.integer({ min: 2, max: 12 });
const ends = (least: number) =>
  fc
    .tuple(fc.integer({ min: least, max: 5000 }), fc.integer({ min: 1, max: 5000 }))
    .map(([from, more]) => [from, from + more] as [number, number]);

const anyDimension: fc.Arbitrary<Dimension> = fc.oneof(
  fc
    .record({
      values: fc.uniqueArray(fc.jsonValue(), {
        minLength: 1,
        maxLength: 6,
        selector: (one) => JSON.stringify(one),
      }),
      scale,
      steps,
    })
    .map((swept) => dimensionOf('key', swept)),
  fc.record({ whole: ends(1), scale, steps }).map((swept) => dimensionOf('key', swept)),
  fc.record({ real: ends(1), scale, steps }).map((swept) => dimensionOf('key', swept)),
);

test('every position gives a value of the range or the list, and its position gives it again', () => {
  fc.assert(
    fc.property(anyDimension, fc.double({ min: 0, max: 1, noNaN: true }), (dimension, at) => {
      const value = valueAt(dimension, at);
      const position = positionOf(dimension, value);
      expect(position).not.toBeNull();
      expect(valueAt(dimension, position ?? 0)).toEqual(value);
      if (dimension.kind === 'whole') expect(Number.isInteger(value)).toBe(true);
    }),
  );
});

test('greater positions never give smaller numbers', () => {
  fc.assert(
    fc.property(
      fc.record({ whole: ends(1), scale, steps }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (swept, a, b) => {
        const dimension = dimensionOf('key', swept);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((at) =>
          Number(valueAt(dimension, at)),
        );
        expect(low).toBeLessThanOrEqual(high ?? 0);
      },
    ),
  );
});

test('every whole number of a linear range is as likely, its ends too', () => {
  const dimension = dimensionOf('epochs', { whole: [1, 4], scale: 'linear', steps: 4 });
  const values = Array.from({ length: 400 }, (_, at) => valueAt(dimension, (at + 0.5) / 400));
  for (const value of [1, 2, 3, 4]) expect(values.filter((one) => one === value)).toHaveLength(100);
});

test('a grid has both ends, and equal differences or equal factors between', () => {
  const linear = dimensionOf('x', { real: [0, 1], scale: 'linear', steps: 5 });
  expect(gridValues(linear)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  const factors = dimensionOf('x', { real: [0.001, 1], scale: 'logarithmic', steps: 4 });
  expect(gridValues(factors)).toEqual([0.001, 0.01, 0.1, 1]);
  const few = dimensionOf('x', { whole: [1, 3], scale: 'linear', steps: 10 });
  expect(gridValues(few)).toEqual([1, 2, 3]);
});

test('what the space does not have has no position', () => {
  const rate = dimensionOf('x', { real: [0.001, 0.1], scale: 'logarithmic', steps: 4 });
  expect(positionOf(rate, 0.5)).toBeNull();
  expect(positionOf(rate, undefined)).toBeNull();
  expect(
    positionOf(dimensionOf('x', { values: [[1], [2]], scale: 'linear', steps: 4 }), [3]),
  ).toBeNull();
});
