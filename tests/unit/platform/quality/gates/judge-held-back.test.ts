import { expect, test } from 'vitest';
import { comparePredictions, metricIntervals } from '../../../../../pipeline/evaluation/index.ts';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import {
  accuracy,
  type Gate,
  type HeldBackFacts,
  judgeHeldBack,
  mae,
} from '../../../../../platform/quality/index.ts';
import type { Prediction } from '../../../../../platform/schemas/index.ts';

const classes = ['good', 'bad'];

/** Answers of which these are right. */
function answers(right: readonly boolean[]): Prediction[] {
  return right.map((isRight, at) => ({
    ...{ id: `row-${at}`, digest: digestBytes(String(at)), dataset: 'gourds', split: 'test' },
    ...{ label: 'good', predicted: isRight ? 'good' : 'bad', score: 0, accepted: true },
    probabilities: isRight ? [0.9, 0.1] : [0.1, 0.9],
  }));
}

function factsOf(ours: readonly boolean[], theirs?: readonly boolean[]): HeldBackFacts {
  const examples = answers(ours);
  const value = ours.filter(Boolean).length / ours.length;
  const found = theirs && comparePredictions(examples, answers(theirs), classes);
  return {
    examples: ours.length,
    metrics: metricIntervals([{ name: accuracy.name, value, better: 'higher' }], {
      ...{ examples, classes, outOfDistribution: null },
    }),
    comparison: found ? { ...found, champion: '111111111111' } : null,
    incomparable: null,
  };
}

const first = (count: number, right: number) =>
  Array.from({ length: count }, (_, at) => at < right);
const passed = (gates: readonly Gate[], facts: HeldBackFacts) =>
  judgeHeldBack(gates, facts).every((result) => result.passed);

test('a floor refuses a model that is shown to be below it, and none of which few examples say nothing', () => {
  const gates: Gate[] = [{ metric: 'accuracy', atLeast: 0.9 }];
  expect(passed(gates, factsOf(first(200, 150)))).toBe(false);
  expect(passed(gates, factsOf(first(200, 175)))).toBe(true);
  expect(passed(gates, factsOf(first(8, 6)))).toBe(true);
  const [, floor] = judgeHeldBack(gates, factsOf(first(200, 150)));
  expect(floor?.message).toBe('accuracy 75.0 %, 95 % 68.6 % to 80.5 %: shown to be below 90 %');
});

test('without a margin a model that is shown to be worse is refused, with one only a loss beyond it', () => {
  const facts = factsOf(first(300, 250), first(300, 270));
  expect(passed([], facts)).toBe(false);
  expect(passed([{ metric: 'accuracy', notWorseBy: 0.05 }], facts)).toBe(true);
  expect(passed([{ metric: 'accuracy', notWorseBy: 0.01 }], facts)).toBe(false);
  expect(passed([{ metric: 'brier', notWorseBy: 50 }], facts)).toBe(false);
  expect(passed([], factsOf(first(300, 250)))).toBe(true);
});

test('a champion that cannot be compared refuses nothing, and the result says that nobody can tell', () => {
  const facts = { ...factsOf(first(100, 90)), incomparable: 'its classes are others' };
  for (const gates of [[], [{ metric: 'accuracy', notWorseBy: 0.01 }]]) {
    const [result] = judgeHeldBack(gates, facts);
    expect(result).toMatchObject({ passed: true });
    expect(result?.message).toBe('cannot tell: its classes are others');
  }
});

test('slices and budgets are not judged again, and a metric without an interval refuses nothing', () => {
  const gates: Gate[] = [
    { slices: 'accuracy', atLeast: 0.99 },
    { metric: 'logLoss', atMost: 0.01 },
    { metric: 'mae', atMost: 1 },
  ];
  const facts = factsOf(first(40, 30));
  const metrics = metricIntervals(
    [
      { name: 'logLoss', value: 0.7, better: 'lower' },
      { name: 'recallAtPrecision80', value: 0.5, better: 'higher' },
    ],
    { examples: answers(first(40, 30)), classes, outOfDistribution: null },
  );
  expect(metrics.map(({ low, high }) => [low, high])).toEqual([
    [null, null],
    [null, null],
  ]);
  const results = judgeHeldBack(gates, { ...facts, metrics });
  expect(results.map(({ gate, passed: isPassed }) => [gate, isPassed])).toEqual([
    ['not shown to be worse', true],
    ['logLoss', true],
  ]);
  expect(results[1]?.message).toContain('cannot tell, 40 held-back examples give it no interval');
});

test('of errors fewer than 60 examples refuse nothing', () => {
  const errors = (count: number) =>
    metricIntervals([{ name: mae.name, value: 2, better: 'lower' }], {
      examples: Array.from({ length: count }, (_, at) => ({
        ...{ label: '0', predicted: '2', probabilities: [1.5 + (at % 3) / 2] },
      })),
      ...{ classes: [], outOfDistribution: null },
    });
  expect(errors(59)[0]).toMatchObject({ low: null, high: null });
  expect(errors(90)[0]?.low).toBeGreaterThan(1.8);
});

test('models that are as good as the champion, and as the floor, are refused no more often than chance may', () => {
  const random = createRandom('held back');
  const draw = () => Array.from({ length: 120 }, () => random.next() < 0.9);
  const shareOf = (trials: number, isRefused: () => boolean) =>
    Array.from({ length: trials }, isRefused).filter(Boolean).length / trials;
  const floor: Gate[] = [{ metric: 'accuracy', atLeast: 0.9 }];
  expect(shareOf(2000, () => !passed(floor, factsOf(draw())))).toBeLessThanOrEqual(0.04);
  expect(shareOf(100, () => !passed([], factsOf(draw(), draw())))).toBeLessThanOrEqual(0.05);
});
