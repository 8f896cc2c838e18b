import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRates } from '../../../../serving/access/rates.ts';

test('a minute’s requests may come at once, and then one for each share of a minute', () => {
  const rates = createRates();
  const take = (at: number) => rates.take('stand', 3, at);
  expect([take(0), take(0), take(0)].map(({ allowed, left }) => [allowed, left])).toEqual([
    [true, 2],
    [true, 1],
    [true, 0],
  ]);
  expect(take(0)).toMatchObject({ allowed: false, left: 0, seconds: 20 });
  expect(take(19_000).allowed).toBe(false);
  expect(take(20_001).allowed).toBe(true);
  expect(take(20_001).allowed).toBe(false);
});

test('callers do not take from each other', () => {
  const rates = createRates();
  rates.take('one', 1, 0);
  expect(rates.take('one', 1, 0).allowed).toBe(false);
  expect(rates.take('two', 1, 0).allowed).toBe(true);
});

test('a clock that goes back gives nothing and takes nothing', () => {
  const rates = createRates();
  rates.take('stand', 2, 100_000);
  expect(rates.take('stand', 2, 0)).toMatchObject({ allowed: true, left: 0 });
  expect(rates.take('stand', 2, 1000).allowed).toBe(false);
});

test('in no span of time more is allowed than a minute’s requests and what the span gives', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), gaps, (rate, waits) => {
      const rates = createRates();
      let at = 0;
      const passed: number[] = [];
      for (const wait of waits) {
        at += wait;
        if (rates.take('x', rate, at).allowed) passed.push(at);
      }
      passed.forEach((from, first) => {
        passed.slice(first).forEach((to, index) => {
          expect(index + 1).toBeLessThanOrEqual(rate + ((to - from) * rate) / 60_000 + 1e-6);
        });
      });
    }),
  );
});

test('whoever waits as long as was said is let through', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (rate) => {
      const rates = createRates();
      let found = rates.take('x', rate, 0);
      while (found.allowed) found = rates.take('x', rate, 0);
      expect(rates.take('x', rate, found.seconds * 1000).allowed).toBe(true);
    }),
  );
});

test('a request that counts as several takes as many, and one that costs more than a minute has a whole minute', () => {
  const rates = createRates();
  expect(rates.take('stand', 10, 0, 8)).toMatchObject({ allowed: true, left: 2 });
  expect(rates.take('stand', 10, 0, 3)).toMatchObject({ allowed: false, left: 2, seconds: 6 });
  expect(rates.take('stand', 10, 0, 2)).toMatchObject({ allowed: true, left: 0 });
  expect(rates.take('stand', 10, 59_000, 99).allowed).toBe(false);
  expect(rates.take('stand', 10, 60_000, 99)).toMatchObject({ allowed: true, left: 0 });
});

test('whoever waits as long as was said is let through, whatever a request counts as', () => {
  const rate = fc.integer({ min: 1, max: 1000 });
  const step = fc.record({ wait: fc.nat(30_000), cost: fc.integer({ min: 1, max: 120 }) });
  fc.assert(
    fc.property(rate, fc.array(step, { maxLength: 30 }), (rate, steps) => {
      const rates = createRates();
      let at = 0;
      for (const { wait, cost } of steps) {
        at += wait;
        const { allowed, seconds } = rates.take('x', rate, at, cost);
        if (allowed) continue;
        at += seconds * 1000;
        expect(rates.take('x', rate, at, cost).allowed).toBe(true);
      }
    }),
  );
});
