import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialMean } from '../../../../pipeline/evaluation/statistics/binomial-mean.ts';
import { detectableDifference } from '../../../../pipeline/evaluation/statistics/detectable-difference.ts';
import { detectableShifts } from '../../../../pipeline/evaluation/statistics/detectable-shifts.ts';
import { fitTemperature } from '../../../../pipeline/evaluation/statistics/fit-temperature.ts';
import { fpr95 } from '../../../../pipeline/evaluation/statistics/fpr95.ts';
import { mcnemar } from '../../../../pipeline/evaluation/statistics/mcnemar.ts';
import {
  lossesMean,
  meanDifference,
} from '../../../../pipeline/evaluation/statistics/mean-difference.ts';
import {
  type Difference,
  pairedDifference,
} from '../../../../pipeline/evaluation/statistics/paired-difference.ts';
import {
  pairedScore,
  unconditionalTail,
} from '../../../../pipeline/evaluation/statistics/paired-score.ts';
import { wilson } from '../../../../pipeline/evaluation/statistics/wilson.ts';
import { areaUnderRoc } from '../../../../platform/lib/area-under-roc.ts';
import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import { holm } from '../../../../platform/quality/index.ts';
import { softmax } from '../../../../platform/transforms/index.ts';

const counts = fc
  .integer({ min: 1, max: 2000 })
  .chain((count) => fc.tuple(fc.integer({ min: 0, max: count }), fc.constant(count)));

describe('the Wilson interval', () => {
  // Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is %f to %f', (hits, count, low, high) => {
    expect(wilson(hits, count).low).toBeCloseTo(low, 4);
    expect(wilson(hits, count).high).toBeCloseTo(high, 4);
  });

  test('holds the share, stays within 0 and 1, and mirrors', () => {
    fc.assert(
      fc.property(counts, ([hits, count]) => {
        const { value, low, high } = wilson(hits, count);
        const mirror = wilson(count - hits, count);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(high).toBeLessThanOrEqual(1);
        expect(1 - mirror.high).toBeCloseTo(low, 12);
      }),
    );
  });

  test('knows nothing without a trial', () => {
    expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1, count: 0 });
  });
});

describe('the exact McNemar test', () => {
  test.each([
    [0, 0, 1],
    [5, 0, 0.0625],
    [6, 0, 0.03125],
    [10, 2, 0.03857421875],
    [3, 3, 1],
    [12, 5, 0.143463134765625],
  ])('of %i fixed and %i broken gives p = %f', (fixed, broken, p) => {
    expect(mcnemar(fixed, broken)).toBeCloseTo(p, 12);
  });

  test('treats both directions alike and gives a probability, also for many flips', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (fixed, broken) => {
        const p = mcnemar(fixed, broken);
        expect(p).toBe(mcnemar(broken, fixed));
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('raises no more false alarms than 5 % where the models are equally good', () => {
    for (let flips = 0; flips <= 60; flips++) {
      let alarms = 0;
      let chance = 0.5 ** flips;
      for (let fixed = 0; fixed <= flips; fixed++) {
        if (mcnemar(fixed, flips - fixed) < 0.05) alarms += chance;
        chance *= (flips - fixed) / (fixed + 1);
      }
      expect(alarms).toBeLessThanOrEqual(0.05);
    }
  });
});

describe('the paired difference', () => {
  // The airway example of Fagerland, Lydersen and Laake, 2014: 1 and 7 of 21 patients. They have Tango's interval, with 1.96 standard
  // errors, as −0.517 to −0.026, the exact unconditional p-value as 0.035 and McNemar's exact one as 0.070.
  test('has the score interval of the book, a little wider', () => {
    const { value, low, high, pValue } = pairedDifference(1, 7, 21);
    expect(value).toBeCloseTo(-0.286, 3);
    expect(low).toBeLessThan(-0.517);
    expect(low).toBeGreaterThan(-0.53);
    expect(high).toBeGreaterThan(-0.026);
    expect(high).toBeLessThan(0);
    expect(pValue).toBeLessThan(0.05);
    expect(unconditionalTail(21, pairedScore(1, 7))).toBeCloseTo(0.035, 3);
  });

  test('never claims certainty, and covers the true difference about 95 % of the time', () => {
    const random = createRandom(3);
    let covered = 0;
    const rounds = 2000;
    for (let round = 0; round < rounds; round++) {
      let [fixed, broken] = [0, 0];
      for (let example = 0; example < 150; example++) {
        const draw = random.next();
        if (draw < 0.06) fixed++;
        else if (draw < 0.1) broken++;
      }
      const { low, high } = pairedDifference(fixed, broken, 150);
      if (low <= 0.02 && 0.02 <= high) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.94);
    expect(pairedDifference(0, 0, 100).high).toBeGreaterThan(0);
  });

  test('raises no more than 5 % false alarms, and says so too, whatever share of the answers differs', () => {
    for (const count of [5, 10, 24, 60]) {
      for (let percent = 1; percent <= 99; percent += 7) {
        const alarms = chanceOf(count, percent / 100, 0, ({ pValue }) => pValue < 0.05);
        expect(alarms).toBeLessThanOrEqual(0.05);
      }
    }
  });

  test('lets a loss of just the margin pass in no more than 2.5 %, also where all flips are of one kind', () => {
    for (const [count, loss, differ] of [
      [60, 0.1, 0.1],
      [100, 0.1, 0.1],
      [153, 0.03, 0.03],
      [153, 0.05, 0.2],
    ] as const) {
      expect(chanceOf(count, differ, -loss, ({ low }) => low > -loss)).toBeLessThanOrEqual(0.025);
    }
  });

  test('leaves out 0 exactly where its p-value says so, at any level', () => {
    const counts = fc.tuple(fc.nat(60), fc.nat(60), fc.integer({ min: 0, max: 5000 }));
    const levels = fc.constantFrom(0.05, 0.01, 0.05 / 20, 0.05 / 200);
    fc.assert(
      fc.property(counts, levels, ([fixed, broken, rest], level) => {
        const count = fixed + broken + rest + 1;
        const there = pairedDifference(fixed, broken, count, level);
        const back = pairedDifference(broken, fixed, count, level);
        expect(there.low > 0 || there.high < 0).toBe(there.pValue < level);
        expect(there.low).toBeLessThanOrEqual(there.value);
        expect(there.high).toBeGreaterThanOrEqual(there.value);
        expect(back.low).toBeCloseTo(-there.high, 9);
        expect(back.pValue).toBe(there.pValue);
      }),
      { numRuns: 500 },
    );
  });

  /** How likely it is, over how many of the answers differ and how many of these are repairs. */
  function chanceOf(
    count: number,
    differ: number,
    gain: number,
    holds: (found: Difference) => boolean,
  ): number {
    const repaired = (differ + gain) / (2 * differ);
    return binomialMean(count, differ, (flips) =>
      binomialMean(flips, repaired, (fixed) =>
        Number(holds(pairedDifference(fixed, flips - fixed, count))),
      ),
    );
  }
});

describe('a detectable difference', () => {
  test('is found about four times out of five', () => {
    const random = createRandom(8);
    for (const [count, disagreement] of [
      [153, 0.05],
      [30, 0.1],
      [153, 0.2],
      [1000, 0.1],
    ] as const) {
      const truth = detectableDifference(count * disagreement, count);
      let found = 0;
      for (let round = 0; round < 1000; round++) {
        let [fixed, broken] = [0, 0];
        for (let example = 0; example < count; example++) {
          const chance = random.next();
          if (chance < (disagreement - truth) / 2) fixed++;
          else if (chance < Math.max(disagreement, truth)) broken++;
        }
        if (pairedDifference(fixed, broken, count).high < 0) found++;
      }
      expect(found / 1000).toBeGreaterThan(0.76);
      expect(found / 1000).toBeLessThan(0.84);
    }
  });

  test('is at least what the exact test can see, and everything without examples', () => {
    expect(detectableDifference(0, 100)).toBeCloseTo(0.0663, 4);
    expect(detectableDifference(0, 1_000_000)).toBeCloseTo(6.7e-6, 7);
    expect(detectableDifference(0, 0)).toBe(1);
    expect(detectableDifference(0, 5)).toBe(1);
  });

  test('grows with how many answers differ, also where the sum gives way to the normal distribution', () => {
    const found = [20, 50, 500, 950, 1060, 2000].map((flips) =>
      detectableDifference(flips, 20_000),
    );
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect((found[4] ?? 0) / (found[3] ?? 1)).toBeCloseTo(1.05, 1.7);
  });
});

describe('the AUROC', () => {
  test('is the share of pairs that are ordered right, ties counting half', () => {
    const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (inliers, outliers) => {
        const wins = inliers.flatMap((inlier) =>
          outliers.map((outlier) => (inlier > outlier ? 1 : inlier === outlier ? 0.5 : 0)),
        );
        const expected = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
        expect(areaUnderRoc(inliers, outliers)).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('and the FPR95 have no value without outliers', () => {
    expect(areaUnderRoc([1], [])).toBeNull();
    expect(fpr95([1], [])).toBeNull();
  });

  test('at 95 % acceptance the false positive rate counts outliers that still pass', () => {
    const inliers = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(fpr95(inliers, [0, 5, 6, 7])).toBe(0.5);
  });
});

describe('the temperature', () => {
  test('recovers the one that labels were drawn with', () => {
    const random = createRandom(11);
    const truth = 2.5;
    const logits = Array.from({ length: 4000 }, () => [0, 1, 2].map(() => 4 * random.normal()));
    const labels = logits.map((row) => draw(softmax(row, truth), random.next()));
    expect(fitTemperature(logits, labels)).toBeGreaterThan(truth * 0.93);
    expect(fitTemperature(logits, labels)).toBeLessThan(truth * 1.07);
  });

  test('does not claim certainty where validation has no mistake', () => {
    const logits = Array.from({ length: 50 }, () => [4, 0]);
    const temperature = fitTemperature(
      logits,
      logits.map(() => 0),
    );
    expect(softmax([4, 0], temperature)[0]).toBeCloseTo(51 / 52, 3);
  });

  test('is 1 without examples', () => {
    expect(fitTemperature([], [])).toBe(1);
  });
});

describe('a mean difference', () => {
  const judge = (differences: readonly number[]) => meanDifference(differences, createRandom(1));

  test.each([0.1, -0.3, 1 / 3])(
    'of nearly all %d has an interval of their size, whatever they are rounded to',
    (usual) => {
      const differences = Array.from({ length: 100 }, (_, at) => (at === 0 ? 2 : usual));
      const { low, high } = judge(differences);
      expect(low).toBeGreaterThan(-1);
      expect(high).toBeLessThanOrEqual(2);
    },
  );

  test('finds a shift that is there', () => {
    const random = createRandom(5);
    const { high, pValue } = judge(Array.from({ length: 200 }, () => -0.5 + random.normal()));
    expect(high).toBeLessThan(0);
    expect(pValue).toBeLessThan(0.01);
  });

  test.for([
    ['normal', 60, (random: Random) => random.normal()],
    ['skewed', 60, (random: Random) => Math.exp(1.2 * random.normal()) - Math.exp(0.72)],
    ['rarely large', 100, (random: Random) => (random.next() < 0.95 ? -1 : 19)],
    ['skewed and many', 3000, (random: Random) => Math.exp(random.normal()) - Math.exp(0.5)],
  ] as const)('raises few false alarms where differences are %s', ([, count, draw]) => {
    const random = createRandom(6);
    const rounds = 300;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      const differences = Array.from({ length: count }, () => draw(random));
      if (judge(differences).pValue < 0.05) alarms++;
    }
    // The 99.9 % quantile of Binomial(300, 0.06) is 32.
    expect(alarms).toBeLessThanOrEqual(32);
  });

  test('has an interval that leaves out 0 exactly where p < 0.05, and mirrors', () => {
    const values = fc.array(fc.integer({ min: -50, max: 90 }), {
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(values, (differences) => {
        const there = judge(differences);
        const back = judge(differences.map((value) => -value));
        expect(there.low > 0 || there.high < 0).toBe(there.pValue < 0.05);
        expect(there.low).toBeLessThanOrEqual(there.value);
        expect(there.high).toBeGreaterThanOrEqual(there.value);
        expect(back.low).toBeCloseTo(-there.high, 9);
        expect(back.pValue).toBeCloseTo(there.pValue, 9);
      }),
      { numRuns: 60 },
    );
  });

  test('sees nothing where nothing differs, and knows nothing without examples', () => {
    expect(judge([0, 0, 0])).toEqual({ value: 0, low: 0, high: 0, pValue: 1, error: 0 });
    expect(judge([])).toMatchObject({ pValue: 1, low: Number.NEGATIVE_INFINITY });
  });
});

describe('a detectable shift', () => {
  const shifts = (draw: (random: Random) => number, seed: number) => {
    const random = createRandom(seed);
    const differences = Array.from({ length: 100 }, () => draw(random));
    const found = meanDifference(differences, createRandom(1));
    return { found, ...detectableShifts(differences, found, createRandom(2)) };
  };

  test('is the same both ways where differences are not skewed, and a little more than the normal formula says', () => {
    const { down, up, found } = shifts((random) => random.normal(), 3);
    expect(down).toBe(up);
    expect(down).toBeGreaterThan(2.80158 * found.error);
    expect(down).toBeLessThan(3.2 * found.error);
  });

  test('of many differences that are not skewed is that of the normal formula', () => {
    const random = createRandom(3);
    const differences = Array.from({ length: 2001 }, () => random.normal());
    const found = meanDifference(differences, createRandom(1));
    const { down, up } = detectableShifts(differences, found, createRandom(2));
    expect(down).toBe(up);
    expect(down).toBeCloseTo(2.80158 * found.error, 6);
  });

  test('is found four times out of five in new samples', () => {
    const [count, rounds] = [60, 400];
    const random = createRandom('found');
    const sample = () => Float64Array.from({ length: count }, () => random.normal());
    const found = Array.from({ length: rounds }, () => {
      const seen = sample();
      const { down } = detectableShifts(seen, meanDifference(seen, random), random);
      return meanDifference(sample(), random).high < (down ?? 0);
    }).filter(Boolean).length;
    expect(found / rounds).toBeGreaterThan(0.76);
    expect(found / rounds).toBeLessThan(0.85);
  });

  test('is longer away from the long tail of skewed differences, and mirrors', () => {
    const skewed = (random: Random) => Math.exp(random.normal());
    const there = shifts(skewed, 4);
    const back = shifts((random) => -skewed(random), 4);
    expect(there.down).toBeGreaterThan(1.2 * (there.up ?? 0));
    expect(back.up).toBeGreaterThan(1.2 * (back.down ?? 0));
    expect((back.up ?? 0) / (there.down ?? 1)).toBeCloseTo(1, 6);
  });
});

describe('a mean of losses', () => {
  test.for([
    ['squares', 60, (random: Random) => random.normal() ** 2, 1],
    ['lognormal', 153, (random: Random) => Math.exp(0.7 * random.normal()), Math.exp(0.245)],
  ] as const)(
    'is held about 19 times of 20, and missed on either side, where they are %s',
    ([, count, loss, truth]) => {
      const random = createRandom(12);
      const rounds = 2000;
      let [above, below] = [0, 0];
      for (let round = 0; round < rounds; round++) {
        const { low, high } = lossesMean(Array.from({ length: count }, () => loss(random)));
        if ((low ?? 0) > truth) above++;
        if ((high ?? 1) < truth) below++;
      }
      expect(above / rounds).toBeLessThan(0.04);
      expect(below / rounds).toBeLessThan(0.05);
      expect((above + below) / rounds).toBeGreaterThan(0.02);
    },
  );

  test('has no interval where all are the same, and lies within it otherwise', () => {
    expect(lossesMean([2, 2, 2])).toEqual({ low: null, high: null });
    expect(lossesMean([])).toEqual({ low: null, high: null });
    const losses = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 80 });
    fc.assert(
      fc.property(losses, (values) => {
        const { low, high } = lossesMean(values);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        if (low === null || high === null) {
          expect(new Set(values).size).toBe(1);
          return;
        }
        expect(low).toBeLessThan(mean);
        expect(high).toBeGreaterThan(mean);
      }),
    );
  });
});

function draw(probabilities: readonly number[], chance: number): number {
  let sum = 0;
  return probabilities.findIndex((probability) => {
    sum += probability;
    return chance < sum;
  });
}

describe('the correction of Holm', () => {
  test('multiplies the smallest by their number, keeps the order, and ends at 1', () => {
    expect(holm([0.01, 0.04, 0.03]).map((value) => value.toFixed(2))).toEqual([
      '0.03',
      '0.06',
      '0.06',
    ]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  test('never makes a p-value smaller, nor larger than that of Bonferroni', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(values, (before) => {
        const after = holm(before);
        for (const [index, value] of before.entries()) {
          expect(after[index]).toBeGreaterThanOrEqual(value);
          expect(after[index]).toBeLessThanOrEqual(Math.min(1, value * before.length) + 1e-12);
        }
      }),
    );
  });
});
