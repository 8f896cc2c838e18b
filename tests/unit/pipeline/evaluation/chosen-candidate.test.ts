import { describe, expect, test } from 'vitest';
import { expectedGain, judgeChosen } from '../../../../pipeline/evaluation/chosen-candidate.ts';
import { comparePredictions } from '../../../../pipeline/evaluation/index.ts';
import { meanDifference } from '../../../../pipeline/evaluation/statistics/mean-difference.ts';
import { pairedDifference } from '../../../../pipeline/evaluation/statistics/paired-difference.ts';
import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import { normalQuantile } from '../../../../platform/quality/statistics/normal-quantile.ts';
import { classes, predictions } from '../../../fixtures/reports.ts';

/** Which answers of equally good models are wrong: a common part of the mistakes, and some of its own. */
function mistakesOf(common: readonly boolean[], random: Random): boolean[] {
  return common.map((both) => (both ? random.next() < 0.75 : random.next() < 0.03));
}

/** The best of some equally good candidates against a champion that is as good as they are. */
function bestOf(candidates: number, count: number, random: Random) {
  const common = Array.from({ length: count }, () => random.next() < 0.12);
  const champion = mistakesOf(common, random);
  const rivals = Array.from({ length: candidates }, () => {
    const wrong = mistakesOf(common, random);
    const fixed = wrong.filter((one, index) => !one && champion[index]).length;
    const broken = wrong.filter((one, index) => one && !champion[index]).length;
    return { fixed, broken };
  });
  return rivals.reduce((best, one) =>
    one.fixed - one.broken > best.fixed - best.broken ? one : best,
  );
}

/** How often the best of equal candidates is called better. */
function alarmsOf(candidates: number, counted: number, count: number): number {
  const random = createRandom(20);
  const rounds = 600;
  let alarms = 0;
  for (let round = 0; round < rounds; round++) {
    const { fixed, broken } = bestOf(candidates, count, random);
    const gainAt = (level?: number) => pairedDifference(fixed, broken, count, level);
    const chosen = { gain: gainAt(), gainAt, relevant: 0.05, candidates: counted };
    if (judgeChosen(chosen).verdict === 'better') alarms++;
  }
  return alarms / rounds;
}

describe('the best of several candidates', () => {
  test.each([69, 153, 1000])(
    'of 20 equal ones on %i examples is called better in at most 5 % of projects',
    (count) => {
      expect(alarmsOf(20, 20, count)).toBeLessThanOrEqual(0.05);
    },
  );

  test('is called better far too often where nobody counts', () => {
    expect(alarmsOf(20, 1, 1000)).toBeGreaterThan(0.1);
  });

  test('of 20 equal regressions is called better in at most 5 % of projects', () => {
    const random = createRandom(21);
    const rounds = 200;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      const errors = Array.from({ length: 20 }, () =>
        Array.from({ length: 100 }, () => Math.abs(random.normal())),
      );
      const champion = Array.from({ length: 100 }, () => Math.abs(random.normal()));
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      const [best = []] = errors.sort((a, b) => sum(a) - sum(b));
      const gains = best.map((error, index) => (champion[index] ?? 0) - error);
      const gainAt = (level?: number) => meanDifference(gains, createRandom('gains'), level);
      const chosen = { gain: gainAt(), gainAt, relevant: 0.1, candidates: 20 };
      if (judgeChosen(chosen).verdict === 'better') alarms++;
    }
    expect(alarms / rounds).toBeLessThanOrEqual(0.05);
  });

  test('gains by chance what is expected', () => {
    const random = createRandom(22);
    const [rounds, count] = [500, 153];
    let [gains, squares] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const best = bestOf(20, count, random);
      gains += (best.fixed - best.broken) / count;
      const one = bestOf(1, count, random);
      squares += (one.fixed + one.broken) / count ** 2;
    }
    const expected = expectedGain(20, Math.sqrt(squares / rounds));
    expect(Math.abs(gains / rounds / expected - 1)).toBeLessThan(0.15);
    expect(expectedGain(1, 0.03)).toBe(0);
  });

  test('needs more to be better the more there were, and none to be worse', () => {
    const verdict = (fixed: number, broken: number, candidates: number) => {
      const gainAt = (level?: number) => pairedDifference(fixed, broken, 150, level);
      return judgeChosen({ gain: gainAt(), gainAt, relevant: 0.05, candidates });
    };
    expect(verdict(12, 2, 1)).toEqual({ verdict: 'better', corrected: null });
    expect(verdict(12, 2, 20)).toMatchObject({ verdict: 'cannot tell' });
    expect(verdict(12, 2, 20).corrected?.low).toBeLessThanOrEqual(0);
    expect(verdict(30, 2, 20).verdict).toBe('better');
    expect(verdict(2, 12, 20)).toEqual({ verdict: 'worse', corrected: null });
  });

  test('is compared with a verdict and a reason that follow the corrected interval', () => {
    const below = (limit: number) => (index: number) => index < limit;
    const [ours, theirs] = [predictions(150, below(0)), predictions(150, below(9))];
    expect(comparePredictions(ours, theirs, classes).verdict).toBe('better');
    const twentieth = comparePredictions(ours, theirs, classes, { candidates: 20 });
    expect(twentieth).toMatchObject({ verdict: 'cannot tell', chosen: { candidates: 20 } });
    expect(twentieth.reason).toMatch(/for the best of 20 candidates .* to .*\)\.$/);
    expect(twentieth.low).toBeGreaterThan(0);
  });
});

test.each([
  [0.975, 1.959963984540054],
  [0.001, -3.090232306167813],
  [1e-30, -11.464024688443617],
])('the normal quantile of %d is %d, as Python’s statistics.NormalDist says', (share, expected) => {
  expect(normalQuantile(share)).toBeCloseTo(expected, 12);
});
