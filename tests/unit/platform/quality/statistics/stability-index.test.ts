import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  stabilityBound,
  stabilityIndex,
} from '../../../../../platform/quality/statistics/stability-index.ts';

const counts = fc
  .integer({ min: 2, max: 30 })
  .chain((bins) =>
    fc.tuple(
      fc.array(fc.nat(10_000), { minLength: bins, maxLength: bins }),
      fc.array(fc.nat(10_000), { minLength: bins, maxLength: bins }),
    ),
  );

test('the index is 0 for equal shares, never below, finite for empty bins and the same both ways', () => {
  fc.assert(
    fc.property(counts, ([reference, live]) => {
      expect(stabilityIndex({ reference, live: reference })).toBe(0);
      const index = stabilityIndex({ reference, live });
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(1000);
      expect(stabilityIndex({ reference: live, live: reference })).toBeCloseTo(index, 9);
    }),
  );
});

test('for many examples the index is the textbook one', () => {
  const [reference, live] = [
    [500_000, 300_000, 200_000],
    [300_000, 300_000, 400_000],
  ];
  const textbook = -0.2 * Math.log(0.3 / 0.5) + 0.2 * Math.log(0.4 / 0.2);
  expect(stabilityIndex({ reference, live })).toBeCloseTo(textbook, 5);
});

// Quantiles of χ² by numerical integration; the approximation is right to one in a hundred.
test.each([
  [3, 0.01, 9.21034],
  [4, 0.01, 11.34487],
  [12, 0.01, 24.72497],
  [12, 0.0005, 33.1366],
])(
  'the bound of %i bins and %d false alarms is the quantile of χ²',
  (bins, falseAlarms, quantile) => {
    const even = Array.from({ length: bins }, () => 1200 / bins);
    const bound = stabilityBound({ reference: even, live: even }, falseAlarms);
    expect(Math.abs((bound * 600) / quantile - 1)).toBeLessThan(0.01);
  },
);
