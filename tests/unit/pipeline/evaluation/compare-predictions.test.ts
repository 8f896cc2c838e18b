import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePredictions } from '../../../../pipeline/evaluation/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { classes, estimates, predictions } from '../../../fixtures/reports.ts';

const none = () => false;
const below = (limit: number) => (index: number) => index < limit;

describe('comparing two classifiers', () => {
  test('finds no detectable change between a model and itself', () => {
    const same = predictions(150, below(9));
    const comparison = comparePredictions(same, same, classes);
    expect(comparison).toMatchObject({
      verdict: 'no detectable change',
      pValue: 1,
      difference: 0,
      flips: 0,
    });
    expect(comparison.confusionDifference.flat().every((count) => count === 0)).toBe(true);
  });

  test('finds six one-sided repairs better, and five not', () => {
    const [six, five] = [below(0), below(1)];
    const champion = predictions(150, below(6));
    expect(comparePredictions(predictions(150, six), champion, classes).verdict).toBe('better');
    expect(comparePredictions(predictions(150, five), champion, classes).verdict).toBe(
      'no detectable change',
    );
  });

  test('cannot tell on a test split where even a big difference would not show', () => {
    const comparison = comparePredictions(
      predictions(60, none),
      predictions(60, below(2)),
      classes,
    );
    expect(comparison.verdict).toBe('cannot tell');
    expect(comparison.minimumDetectable).toBe(0.1);
  });

  test('cannot tell without a shared example', () => {
    const comparison = comparePredictions(predictions(20, none), [], classes);
    expect(comparison).toMatchObject({ verdict: 'cannot tell', examples: 0, onlyCandidate: 20 });
  });

  test('mirrors when the two change places', () => {
    const mistakes = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 });
    fc.assert(
      fc.property(mistakes, mistakes, (a, b) => {
        const [ours, theirs] = [a, b].map((wrong) =>
          predictions(120, (index) => wrong[index] ?? false),
        );
        const there = comparePredictions(ours ?? [], theirs ?? [], classes);
        const back = comparePredictions(theirs ?? [], ours ?? [], classes);
        expect(back.difference).toBeCloseTo(-there.difference, 12);
        expect(back.low).toBeCloseTo(-there.high, 12);
        expect([back.fixed, back.broken, back.pValue]).toEqual([
          there.broken,
          there.fixed,
          there.pValue,
        ]);
      }),
      { numRuns: 20 },
    );
  });

  test('raises false alarms in at most 5 % of pairs of equally good models', () => {
    const random = createRandom(2026);
    const rounds = 400;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      const ours = predictions(100, () => random.next() < 0.1);
      const theirs = predictions(100, () => random.next() < 0.1);
      const { verdict } = comparePredictions(ours, theirs, classes);
      if (verdict === 'better' || verdict === 'worse') alarms++;
    }
    expect(alarms / rounds).toBeLessThanOrEqual(0.05);
  });

  test('has an interval for every other metric, and each class by a corrected test of its own', () => {
    const onlyOk = (index: number) => index % 3 === 1 && index < 60;
    const { metrics, classes: perClass } = comparePredictions(
      predictions(300, onlyOk),
      predictions(300, none),
      classes,
    );
    expect(metrics.map(({ name }) => name)).toEqual([
      'macroF1',
      'logLoss',
      'brier',
      'calibrationError',
    ]);
    for (const { low, difference, high } of metrics) {
      expect(low).toBeLessThanOrEqual(difference);
      expect(difference).toBeLessThanOrEqual(high);
    }
    expect(metrics[0]?.high).toBeLessThan(0);
    expect(perClass).toMatchObject([
      { class: 'good', examples: 100, fixed: 0, broken: 0, pValue: 1 },
      { class: 'ok', examples: 100, fixed: 0, broken: 20 },
      { class: 'bad', examples: 100, fixed: 0, broken: 0, pValue: 1 },
    ]);
    expect(perClass[1]?.pValue).toBeLessThan(0.001);
  });

  test('of the same model shows no metric that differs, and says that no answer changed', () => {
    const same = predictions(90, (index) => index < 9);
    const { metrics, reason } = comparePredictions(same, same, classes);
    expect(metrics.every(({ low, high }) => low === 0 && high === 0)).toBe(true);
    expect(reason).toContain('No answer became right or wrong on the 90 test examples');
  });

  test('pairs renamed files by their content and judges relabelled ones by the new label', () => {
    const champion = predictions(30, none);
    const candidate = champion.map((one, index) => ({
      ...one,
      id: `renamed/${one.id}`,
      ...(index === 0 && { label: 'bad', predicted: 'bad' }),
    }));
    const { examples, fixed, broken } = comparePredictions(candidate, champion, classes);
    expect({ examples, fixed, broken }).toEqual({ examples: 30, fixed: 1, broken: 0 });
  });

  test('leaves validation rows and outliers out', () => {
    const rows = predictions(10, none);
    const others = rows.map((one) => ({ ...one, split: 'validation' as const }));
    const outliers = rows.map((one) => ({ ...one, dataset: 'other', label: 'melon' }));
    const { examples } = comparePredictions([...rows, ...others, ...outliers], rows, classes);
    expect(examples).toBe(10);
  });

  test('lists broken answers first, the surest of them on top', () => {
    const champion = predictions(100, below(3));
    const candidate = predictions(100, (index) => index >= 95);
    const { flipped, flips } = comparePredictions(candidate, champion, classes);
    expect(flips).toBe(8);
    expect(flipped.map(({ change }) => change).slice(0, 6)).toEqual([
      ...Array.from({ length: 5 }, () => 'broken'),
      'fixed',
    ]);
    expect(flipped[0]?.afterConfidence).toBeGreaterThanOrEqual(flipped[4]?.afterConfidence ?? 1);
  });
});

describe('comparing two regressions', () => {
  test('finds no detectable change between a model and itself', () => {
    const same = estimates(60, 2, 1);
    const { verdict, difference } = comparePredictions(same, same, []);
    expect({ verdict, difference }).toEqual({ verdict: 'no detectable change', difference: 0 });
  });

  test('finds a halved error better and a doubled one worse, the same each time', () => {
    const [close, far] = [estimates(60, 1, 1), estimates(60, 3, 2)];
    expect(comparePredictions(close, far, []).verdict).toBe('better');
    expect(comparePredictions(far, close, []).verdict).toBe('worse');
    expect(comparePredictions(far, close, [])).toEqual(comparePredictions(far, close, []));
  });

  test('cannot tell from five examples', () => {
    expect(comparePredictions(estimates(5, 1, 1), estimates(5, 2, 2), []).verdict).toBe(
      'cannot tell',
    );
  });
});
