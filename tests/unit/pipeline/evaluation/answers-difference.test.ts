import { describe, expect, test } from 'vitest';
import { compareMetrics } from '../../../../pipeline/evaluation/compare-metrics.ts';
import {
  type AnswerPair,
  answersDifference,
} from '../../../../pipeline/evaluation/statistics/answers-difference.ts';
import { pairedError } from '../../../../pipeline/evaluation/statistics/paired-difference.ts';
import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import {
  findMetric,
  type MetricFacts,
  qualityMetrics,
} from '../../../../platform/quality/index.ts';

const byAnswers = qualityMetrics.flatMap(({ name, byAnswers: of, measure, parts }) =>
  of && parts ? [{ name, of, measure, parts }] : [],
);
const repeat = (count: number, pair: AnswerPair) => Array.from({ length: count }, () => pair);

/** Classes of some shares, with noise of their own in each model. @param worse noise of the first */
function drawn(random: Random, count: number, shares: readonly number[], worse = 0): AnswerPair[] {
  return Array.from({ length: count }, () => {
    let at = random.next();
    const truth = Math.max(
      0,
      shares.findIndex((share) => {
        at -= share;
        return at < 0;
      }),
    );
    const scores = shares.map((share, index) => {
      return Math.log(share) + random.normal() + (index === truth ? 2.2 : 0);
    });
    const answer = (noise: number) => {
      const heard = scores.map((score) => score + noise * random.normal());
      return heard.indexOf(Math.max(...heard));
    };
    return { truth, ours: answer(0.8 + worse), theirs: answer(0.8) };
  });
}

function factsOf(pairs: readonly AnswerPair[], side: 'ours' | 'theirs', classes: number) {
  const names = Array.from({ length: classes }, (_, index) => `class-${index}`);
  const examples = pairs.map((pair) => ({
    ...{ label: names[pair.truth] ?? '', predicted: names[pair[side]] ?? '', probabilities: [] },
  }));
  return { examples, classes: names, outOfDistribution: null } satisfies MetricFacts;
}

describe.each(byAnswers)('$name', ({ of, measure, parts }) => {
  const shares = [0.6, 0.3, 0.1];
  const pairs = drawn(createRandom('answers'), 200, shares);
  const facts = factsOf(pairs, 'ours', 3);

  test('of a table of answers is the metric, and the parts of the examples have it as their mean', () => {
    const table = shares.map((_, truth) =>
      shares.map((__, ours) => pairs.filter((one) => one.truth === truth && one.ours === ours)),
    );
    const { value } = of(table.map((row) => row.map(({ length }) => length)));
    expect(value).toBeCloseTo(measure(facts) ?? Number.NaN, 12);
    const mean = parts(facts).reduce((sum, part) => sum + part, 0) / pairs.length;
    expect(mean).toBeCloseTo(value, 12);
  });

  test('changes with the weight of an answer as its influence says', () => {
    const table = [
      [50, 6, 2],
      [9, 30, 1],
      [3, 2, 7],
    ];
    const { value, influence } = of(table);
    const all = table.flat().reduce((sum, weight) => sum + weight, 0);
    const step = 1e-5;
    for (const [truth, row] of table.entries()) {
      for (const predicted of row.keys()) {
        const moved = table.map((other, at) =>
          other.map((weight, to) => weight + (at === truth && to === predicted ? step : 0)),
        );
        const slope = ((of(moved).value - value) / step) * all;
        expect(influence[truth]?.[predicted]).toBeCloseTo(slope, 3);
      }
    }
  });

  test('has no width where all differences are equal', () => {
    const same = pairs.map((pair) => ({ ...pair, theirs: pair.ours }));
    expect(answersDifference(of, same, 3)).toEqual({ low: 0, high: 0 });
    const opposite = [0, 1].flatMap((truth) =>
      repeat(40, { truth, ours: truth, theirs: 1 - truth }),
    );
    expect(answersDifference(of, opposite, 2)).toEqual({ low: 1, high: 1 });
    expect(answersDifference(of, [], 2)).toEqual({ low: 0, high: 0 });
  });

  test('turns its interval around with the models', () => {
    const there = answersDifference(of, pairs, 3);
    const back = answersDifference(
      of,
      pairs.map(({ truth, ours, theirs }) => ({ truth, ours: theirs, theirs: ours })),
      3,
    );
    expect(there.low).toBeLessThan(there.high);
    expect(back.low).toBeCloseTo(-there.high, 12);
    expect(back.high).toBeCloseTo(-there.low, 12);
  });

  test.each([
    { shares: [0.9, 0.1], worse: 0 },
    { shares: [0.9, 0.1], worse: 0.6 },
    { shares: [0.5, 0.2, 0.1, 0.1, 0.05, 0.05], worse: 0 },
    { shares: [0.5, 0.2, 0.1, 0.1, 0.05, 0.05], worse: 0.6 },
  ])('covers the true difference with classes of $shares and $worse more noise', (setting) => {
    const random = createRandom(`coverage ${setting.shares.length} ${setting.worse}`);
    const classes = setting.shares.length;
    const all = drawn(random, 40_000, setting.shares, setting.worse);
    const trueValue = (side: 'ours' | 'theirs') => measure(factsOf(all, side, classes)) ?? 0;
    const truth = setting.worse === 0 ? 0 : trueValue('ours') - trueValue('theirs');
    const rounds = 600;
    let [held, above] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const found = drawn(random, 153, setting.shares, setting.worse);
      const { low, high } = answersDifference(of, found, classes);
      if (low <= truth && truth <= high) held++;
      // Then a gate passes a loss of just its margin.
      if (low > truth) above++;
    }
    expect(held / rounds).toBeGreaterThan(0.935);
    expect(held / rounds).toBeLessThan(0.985);
    expect(above / rounds).toBeLessThan(0.04);
  });
});

test('of a single class with examples it is the interval of Bonett and Price', () => {
  const pairs = [
    ...repeat(80, { truth: 0, ours: 0, theirs: 0 }),
    ...repeat(9, { truth: 0, ours: 0, theirs: 1 }),
    ...repeat(4, { truth: 0, ours: 1, theirs: 0 }),
  ];
  const of = findMetric('balancedAccuracy')?.byAnswers;
  if (!of) throw new Error('there is no balanced accuracy');
  const { low, high } = answersDifference(of, pairs, 2);
  const half = 1.959963984540054 * pairedError(9, 4, 93);
  expect(low).toBeCloseTo((9 - 4) / 95 - half, 12);
  expect(high).toBeCloseTo((9 - 4) / 95 + half, 12);
});

test('models that differ only outside a rare class are not as sure of it as of the others', () => {
  const pairs = [
    ...repeat(138, { truth: 0, ours: 0, theirs: 0 }),
    ...repeat(3, { truth: 0, ours: 1, theirs: 0 }),
    ...repeat(12, { truth: 1, ours: 1, theirs: 1 }),
  ];
  const metrics = compareMetrics(factsOf(pairs, 'ours', 2), factsOf(pairs, 'theirs', 2), {
    ...{ name: 'accuracy', low: -0.1, high: 0.1 },
  });
  const { low, high } = metrics.find(({ name }) => name === 'balancedAccuracy') ?? {};
  // One rare example more would be 1/24.
  expect(high).toBeGreaterThan(1 / 24);
  expect(low).toBeLessThan(-1 / 24);
});
