import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planHalving, planHyperband, promoteTrials } from '../../../../pipeline/sweep/index.ts';

const plan = fc.record({
  most: fc.integer({ min: 1, max: 400 }),
  least: fc.integer({ min: 1, max: 20 }),
  factor: fc.integer({ min: 2, max: 5 }),
  trials: fc.integer({ min: 1, max: 120 }),
});

test('the brackets of Hyperband are those of the paper', () => {
  // Li et al., table 1: R = 81, η = 3.
  const brackets = planHyperband({ most: 81, least: 1, factor: 3, trials: 143 });
  expect(brackets.map(({ trials }) => trials)).toEqual([81, 34, 15, 8, 5]);
  expect(brackets.map(({ rungs }) => rungs)).toEqual([
    [1, 3, 9, 27, 81],
    [3, 9, 27, 81],
    [9, 27, 81],
    [27, 81],
    [81],
  ]);
});

test('every bracket ends with the whole training, grows, and all begin as many trials as asked for', () => {
  fc.assert(
    fc.property(plan, fc.constantFrom(planHalving, planHyperband), (options, planBrackets) => {
      const brackets = planBrackets(options);
      expect(brackets.reduce((sum, { trials }) => sum + trials, 0)).toBe(options.trials);
      for (const { rungs } of brackets) {
        expect(rungs.at(-1)).toBe(options.most);
        expect(rungs).toEqual([...new Set(rungs)].sort((a, b) => a - b));
        expect(rungs[0]).toBeGreaterThanOrEqual(Math.min(options.least, options.most));
      }
    }),
  );
});

test('whoever goes on is at least as good as whoever does not, and nothing that failed goes on', () => {
  const loss = fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.constant(Infinity));
  fc.assert(
    fc.property(
      fc.array(loss, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 2, max: 5 }),
      (losses, factor) => {
        const results = losses.map((one, trial) => ({ trial, loss: one }));
        const ahead = promoteTrials(results, factor);
        expect(ahead.length).toBeLessThanOrEqual(Math.max(1, Math.floor(losses.length / factor)));
        const worst = Math.max(...ahead.map((trial) => losses[trial] ?? 0));
        const left = losses.filter((_, trial) => !ahead.includes(trial));
        if (ahead.length > 0) expect(worst).toBeLessThanOrEqual(Math.min(...left));
        expect(ahead.every((trial) => Number.isFinite(losses[trial]))).toBe(true);
        if (losses.some(Number.isFinite)) expect(ahead.length).toBeGreaterThan(0);
        // The order in which trials end decides nothing.
        expect(promoteTrials(results.toReversed(), factor)).toEqual(ahead);
      },
    ),
  );
});
