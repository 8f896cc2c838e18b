import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePredictions } from '../../../../pipeline/evaluation/index.ts';
import { pairedDifference } from '../../../../pipeline/evaluation/statistics/paired-difference.ts';
import { judgeGain } from '../../../../pipeline/evaluation/verdict.ts';
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

  test('finds five one-sided repairs better, and four not', () => {
    const [five, four] = [below(0), below(1)];
    const champion = predictions(150, below(5));
    expect(comparePredictions(predictions(150, five), champion, classes).verdict).toBe('better');
    expect(comparePredictions(predictions(150, four), champion, classes).verdict).toBe(
      'cannot tell',
    );
  });

  test('cannot tell on a test split where even a big difference would not show', () => {
    const comparison = comparePredictions(
      predictions(60, none),
      predictions(60, below(2)),
      classes,
    );
    expect(comparison.verdict).toBe('cannot tell');
    expect(comparison.detectable).toBeCloseTo(0.10948, 5);
    expect(comparison.reason).toMatch(
      /a difference of 10\.9 points is found four times out of five/,
    );
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
    const rounds = 4000;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      let [fixed, broken] = [0, 0];
      for (let example = 0; example < 100; example++) {
        const [ours, theirs] = [random.next() < 0.1, random.next() < 0.1];
        if (theirs && !ours) fixed++;
        if (ours && !theirs) broken++;
      }
      const verdict = judgeGain(pairedDifference(fixed, broken, 100), 0.05);
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
    const without = metrics.filter(({ low, high }) => low === null || high === null);
    expect(without).toEqual([]);
    expect(metrics.find(({ name }) => name === 'macroF1')?.high).toBeLessThan(0);
    expect(perClass).toMatchObject([
      { class: 'good', examples: 100, fixed: 0, broken: 0, pValue: 1 },
      { class: 'ok', examples: 100, fixed: 0, broken: 20 },
      { class: 'bad', examples: 100, fixed: 0, broken: 0, pValue: 1 },
    ]);
    expect(perClass[1]?.pValue).toBeLessThan(0.001);
  });

  test('says of both models how sure they are and what they accept, of the shared examples alone', () => {
    const ours = predictions(120, none).map((one, at) => ({ ...one, accepted: at >= 30 }));
    const theirs = predictions(90, none).map((one, at) => ({ ...one, accepted: at < 45 }));
    const { shared, examples } = comparePredictions(ours, theirs, classes);
    expect(examples).toBe(90);
    expect(shared?.champion.accepted).toMatchObject({ value: 0.5, count: 90 });
    expect(shared?.candidate.accepted.count).toBe(90);
    const confident = ours.slice(0, 90).map(({ probabilities }) => Math.max(...probabilities));
    expect(shared?.candidate.expectedAccuracy).toBeCloseTo(
      confident.reduce((sum, share) => sum + share, 0) / 90,
      12,
    );
    expect(shared?.champion.chance?.mean).toBeGreaterThan(0);
    expect(comparePredictions(ours, [], classes).shared).toBeUndefined();
    expect(comparePredictions(estimates(70, 1, 1), estimates(70, 1, 2), []).shared).toMatchObject({
      candidate: { expectedAccuracy: null, accepted: { count: 70 } },
    });
  });

  test('of the same model shows no metric that differs, and says that no answer changed', () => {
    const same = predictions(90, (index) => index < 9);
    const { metrics, reason } = comparePredictions(same, same, classes);
    const others = metrics.filter(({ name }) => !/^(accuracy|recallAt.*)$/.test(name));
    expect(others.every(({ low, high }) => low === null && high === null)).toBe(true);
    expect(reason).toBe('The same answers to all 90 shared test examples.');
  });

  test('needs enough examples to call equal answers no change, unless both are the same model', () => {
    const compared = (rows: ReturnType<typeof predictions>, of: readonly string[], same = false) =>
      comparePredictions(rows, rows, of, { sameModel: same });
    const few = compared(predictions(1, none), classes);
    expect(few).toMatchObject({ verdict: 'cannot tell', same: true });
    expect(few.reason).toBe('The same answers to all 1 shared test example: too few to tell.');
    expect(compared(estimates(59, 1, 1), []).verdict).toBe('cannot tell');
    for (const one of [
      compared(predictions(1, none), classes, true),
      compared([], classes, true),
      compared(estimates(5, 1, 1), [], true),
    ]) {
      expect(one).toMatchObject({ verdict: 'no detectable change', sameModel: true });
    }
  });

  test('takes models of equal probabilities that decide differently for two', () => {
    const [ours, theirs] = [predictions(90, none), predictions(90, none)];
    const decided = theirs.map((one, at) => (at < 9 ? { ...one, predicted: 'bad' } : one));
    expect(comparePredictions(ours, decided, classes).same).toBe(false);
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

  test('leaves out what the champion has learnt from, and says so', () => {
    const [ours, theirs] = [predictions(100, below(9)), predictions(100, none)];
    const learnt = new Set(ours.slice(0, 40).map(({ digest }) => digest));
    const comparison = comparePredictions(ours, theirs, classes, { learnt });
    expect(comparison).toMatchObject({ examples: 60, seen: 40 });
    expect(comparison.reason).toMatch(/without 40 on which the model that serves was trained/);
    const all = new Set(ours.map(({ digest }) => digest));
    const nothing = comparePredictions(ours, theirs, classes, { learnt: all });
    expect(nothing).toMatchObject({ verdict: 'cannot tell', examples: 0, seen: 100 });
  });

  test('measures every metric of both models on the same examples, within its interval', () => {
    const comparison = comparePredictions(
      predictions(150, below(3)),
      predictions(150, below(9)),
      classes,
    );
    expect(comparison.metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['accuracy', 'macroF1', 'logLoss', 'brier']),
    );
    for (const { difference, candidate, champion, low, high } of comparison.metrics) {
      expect(difference).toBeCloseTo(candidate - champion, 12);
      if (low === null || high === null) continue;
      expect(low).toBeLessThanOrEqual(difference);
      expect(high).toBeGreaterThanOrEqual(difference);
    }
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
  test('says which difference would be found, of skewed errors one for each direction', () => {
    const even = comparePredictions(estimates(150, 1, 1), estimates(150, 1, 2), []);
    expect(even.reason).toMatch(/a difference of .* is found four times out of five/);
    const rare = estimates(150, 1, 2).map((one, at) => {
      const value = Number(one.label) + (at % 50 === 7 ? 40 : 0.7);
      return { ...one, predicted: String(value), probabilities: [value] };
    });
    const skewed = comparePredictions(estimates(150, 1, 1), rare, []);
    expect(skewed.verdict).toBe('cannot tell');
    expect(skewed.reason).toMatch(
      /Rare large errors decide: with so few, one that is lower by \S+ % or higher by \S+ % is found about seven to nine times out of ten/,
    );
  });

  test('without a shared example says so in numbers that a report can hold', () => {
    const comparison = comparePredictions(estimates(20, 1, 1), [], []);
    expect(comparison).toMatchObject({ verdict: 'cannot tell', examples: 0, metrics: [] });
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });

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

  test('names the root mean squared error beside the mean absolute one', () => {
    const { reason, metrics } = comparePredictions(estimates(60, 1, 1), estimates(60, 3, 2), []);
    expect(reason).toMatch(/root mean squared error goes from/);
    expect(metrics.map(({ name }) => name)).toEqual(['mae', 'rmse', 'r2', 'maeSkill']);
  });

  test('compares 50,000 answers without resampling each of them', () => {
    const { examples, verdict } = comparePredictions(
      estimates(50_000, 1, 1),
      estimates(50_000, 1, 2),
      [],
    );
    expect([examples, verdict]).toEqual([50_000, 'no detectable change']);
  });
});
