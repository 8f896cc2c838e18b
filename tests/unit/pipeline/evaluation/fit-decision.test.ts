import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitDecision } from '../../../../pipeline/evaluation/fit-decision.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const scored = fc.array(
  fc.record({
    probability: fc.integer({ min: 0, max: 20 }).map((at) => at / 20),
    positive: fc.boolean(),
  }),
  { minLength: 1 },
);

test('a probability is taken as it is', () => {
  expect(fitDecision({ class: 'yes', probability: 0.3 }, [])).toEqual({
    ...{ class: 'yes', threshold: 0.3, reached: true },
  });
});

test('a cost gives the threshold that costs least where probabilities are true', () => {
  const random = createRandom(4);
  const chances = Array.from({ length: 40_000 }, () => random.next());
  const examples = chances.map((chance) => ({ chance, positive: random.next() < chance }));
  for (const cost of [1, 4, 20]) {
    const { threshold } = fitDecision({ class: 'yes', cost }, []);
    const costOf = (limit: number) =>
      examples.reduce((sum, { chance, positive }) => {
        if (chance >= limit) return sum + (positive ? 0 : 1);
        return sum + (positive ? cost : 0);
      }, 0);
    const others = [0.5, 0.8, 1.3, 2].map((factor) => costOf(Math.min(0.99, factor * threshold)));
    expect(costOf(threshold)).toBeLessThanOrEqual(1.01 * Math.min(...others));
  }
});

test('a precision gives the lowest threshold that has it on validation', () => {
  const precisionAt = (
    examples: readonly { probability: number; positive: boolean }[],
    limit: number,
  ) => {
    const named = examples.filter(({ probability }) => probability >= limit);
    return named.filter(({ positive }) => positive).length / named.length;
  };
  fc.assert(
    fc.property(scored, fc.constantFrom(0.3, 0.5, 0.8, 1), (examples, precision) => {
      const { threshold, reached } = fitDecision({ class: 'yes', precision }, examples);
      const lower = examples.map(({ probability }) => probability);
      const possible = lower.filter((limit) => precisionAt(examples, limit) >= precision);
      expect(reached).toBe(possible.length > 0);
      if (!reached) return;
      expect(precisionAt(examples, threshold)).toBeGreaterThanOrEqual(precision);
      const named = (limit: number) => lower.filter((probability) => probability >= limit).length;
      expect(named(threshold)).toBe(named(Math.min(...possible)));
    }),
  );
});

test('a precision that nothing reaches leaves only what is surer than all of validation', () => {
  const examples = [
    { probability: 0.9, positive: false },
    { probability: 0.4, positive: true },
  ];
  expect(fitDecision({ class: 'yes', precision: 0.8 }, examples)).toEqual({
    ...{ class: 'yes', threshold: 0.95, reached: false },
  });
});
