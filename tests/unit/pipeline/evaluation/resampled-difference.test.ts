import { expect, test } from 'vitest';
import { resampledDifference } from '../../../../pipeline/evaluation/statistics/resampled-difference.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const count = 200;
const random = createRandom('values');
const values = Array.from({ length: count }, () => random.normal());

/** A mean of values, of which the interval is known. */
function meanOf(shift: number) {
  return (counts: ArrayLike<number>) => {
    const sum = values.reduce((total, value, at) => total + (counts[at] ?? 0) * value, 0);
    return sum / count + shift;
  };
}

test('the interval of a mean is as wide as its standard error says', () => {
  const zero = () => 0;
  const found = resampledDifference(
    { ours: meanOf(0), theirs: zero },
    count,
    createRandom('draws'),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const half = 1.96 * Math.sqrt(variance / count);
  expect(found.low).toBeGreaterThan(mean - 1.15 * half);
  expect(found.low).toBeLessThan(mean - 0.85 * half);
  expect(found.high).toBeGreaterThan(mean + 0.85 * half);
  expect(found.high).toBeLessThan(mean + 1.15 * half);
});

test('both models are measured on the same resamples', () => {
  const found = resampledDifference(
    { ours: meanOf(0.25), theirs: meanOf(0) },
    count,
    createRandom('draws'),
  );
  expect(found.low).toBeCloseTo(0.25, 10);
  expect(found.high).toBeCloseTo(0.25, 10);
});

test('the difference that was measured is within, though resamples lie on one side of it', () => {
  // The share of examples that came up at all is 1 only where each came up once.
  const share = (counts: ArrayLike<number>) =>
    Array.from(counts).filter((times) => times > 0).length / count;
  const found = resampledDifference({ ours: share, theirs: () => 0 }, count, createRandom('d'));
  expect(found.high).toBe(1);
  expect(found.low).toBeLessThan(0.7);
});

test('where there is hardly ever a value there is no interval', () => {
  const none = () => Number.NaN;
  const found = resampledDifference({ ours: none, theirs: none }, count, createRandom('d'));
  expect(found).toEqual({ low: null, high: null });
});
