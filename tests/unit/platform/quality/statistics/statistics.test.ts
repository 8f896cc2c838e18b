import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialTail } from '../../../../../platform/quality/statistics/binomial-tail.ts';
import { holm } from '../../../../../platform/quality/statistics/holm.ts';
import {
  studentQuantile,
  studentTail,
} from '../../../../../platform/quality/statistics/student-t.ts';

// Expected values of scipy 1.17.1: stats.t.sf and stats.binom.cdf.
describe('as scipy has it,', () => {
  test.each([
    [0.5, 1, 0.35241638234956674],
    [2.5, 3, 0.04385332350403278],
    [1.98, 100, 0.025225803416547697],
    [-1.2, 7, 0.8654140315863967],
    [6, 5000, 1.0560481416526974e-9],
  ])('Student’s t is above %d with %i degrees of freedom with p = %d', (t, freedom, p) => {
    expect(studentTail(t, freedom) / p).toBeCloseTo(1, 9);
  });

  test.each([
    [0, 5, 0.9, 9.999999999999989e-6],
    [14, 20, 0.9, 0.011253134164508988],
    [790, 1000, 0.8, 0.22527934791215498],
    [99000, 120000, 0.83, 2.212910450250417e-6],
    [3, 10, 0.05, 0.9989715020621094],
  ])('at most %i of %i hits with a chance of %d have p = %d', (hits, count, share, p) => {
    expect(binomialTail(hits, count, share) / p).toBeCloseTo(1, 9);
  });
});

test('a quantile of Student’s t is what its tail says', () => {
  const tails = fc.double({ min: 1e-6, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(tails, fc.integer({ min: 1, max: 5000 }), (tail, freedom) => {
      expect(studentTail(studentQuantile(tail, freedom), freedom) / tail).toBeCloseTo(1, 6);
    }),
  );
});

test('Holm rejects no more than tests alone would, and no less than Bonferroni', () => {
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(pValues, (found) => {
      holm(found).forEach((corrected, index) => {
        const p = found[index] ?? 1;
        const shown = corrected <= 0.05;
        if (shown) expect(p).toBeLessThanOrEqual(0.05);
        if (p <= 0.05 / found.length) expect(shown).toBe(true);
      });
    }),
  );
});
