import { describe, expect, test } from 'vitest';
import { comparePredictions } from '../../../../pipeline/evaluation/index.ts';
import { testSlices } from '../../../../platform/quality/gates/slice-losses.ts';
import type { SliceComparison } from '../../../../platform/schemas/index.ts';
import { classes, estimates, predictions } from '../../../fixtures/reports.ts';

/** Estimates each of which is so far off. */
function off(by: (index: number) => number, count = 80) {
  return estimates(count, 1, 1).map((one, at) => {
    const value = Number(one.label) + by(at);
    return { ...one, predicted: String(value), probabilities: [value] };
  });
}

const endsOf = ({ metrics }: ReturnType<typeof comparePredictions>) =>
  metrics.map(({ name, low, high }) => [name, low, high]);

describe('differences that are all equal', () => {
  test.each([
    ['nothing, though the answers differ', (at: number) => (at % 2 ? 1 : -1), () => 1],
    ['the same gain', () => 1, () => 3],
    ['the same loss', () => 3, () => 1],
    ['the same gain but for rounding', (at: number) => 0.1 + (at % 3) * 1e-13, () => 0.3],
  ])('of %s do not tell how much others differ', (_, ours, theirs) => {
    const comparison = comparePredictions(off(ours), off(theirs), []);
    expect(comparison).toMatchObject({ verdict: 'cannot tell', same: false, pValue: 1 });
    expect(comparison.reason).toContain('that does not tell how much others would differ');
    expect(endsOf(comparison)).toContainEqual(['mae', null, null]);
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });

  test('of equal answers leave the verdict, and claim no interval without a width', () => {
    const same = off((at) => at % 5);
    const comparison = comparePredictions(same, same, []);
    expect(comparison.verdict).toBe('no detectable change');
    for (const [, low, high] of endsOf(comparison)) {
      if (low !== null) expect(low).not.toBe(high);
    }
  });

  test('of two classifiers show intervals of a width, or none', () => {
    const right = predictions(100, () => false);
    const comparison = comparePredictions(right, right, classes);
    for (const [name, low, high] of endsOf(comparison)) {
      if (name === 'accuracy') expect(low).toBeLessThan(Number(high));
      if (low !== null) expect(low, String(name)).not.toBe(high);
    }
  });

  test('in a slice are no evidence of a change', () => {
    const slice: SliceComparison = {
      ...{ slice: 'farm', value: 'A', examples: 80, metric: 'mae', candidate: 2, champion: 2 },
      ...{ difference: 0, low: 0, high: 0, error: 0 },
    };
    const [found] = testSlices([slice], [{ column: 'farm', minimumCount: 10 }]);
    expect(found?.pValue).toBe(1);
  });
});
