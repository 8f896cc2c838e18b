import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePredictions } from '../../../../../pipeline/evaluation/index.ts';
import { wilson } from '../../../../../pipeline/evaluation/statistics/wilson.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { type Gate, type GateInputs, judgeGates } from '../../../../../platform/quality/index.ts';
import type { Comparison } from '../../../../../platform/schemas/index.ts';
import {
  classes,
  estimates,
  type Mistakes,
  predictions,
  recordOf,
} from '../../../../fixtures/reports.ts';

const budgets = { modelBytes: 2_000_000, latencyMs: 20 };
const below = (limit: number) => (index: number) => index < limit;

const record = recordOf('222222222222', 0.95, 0.002);
const sameAnswers = comparePredictions(
  predictions(90, below(3)),
  predictions(90, below(3)),
  classes,
);

/** A candidate with accuracy 0.95 that was compared so. */
function factsOf(comparison: Comparison | null): Omit<GateInputs, 'gates'> {
  return {
    slices: [{ column: 'light', minimumCount: 100 }],
    candidate: record.evaluation,
    champion: comparison ? recordOf('111111111111', 0.95, 0.001).evaluation : null,
    ...{ incomparable: null, comparison, package: record.package, budgets },
  };
}

function resultsOf(gates: readonly Gate[], facts: Omit<GateInputs, 'gates'>) {
  return judgeGates({ gates, ...facts });
}

/** The first gate's result for a candidate with accuracy 0.95. */
function check(gate: Gate, pair?: readonly [candidate: Mistakes, champion: Mistakes]) {
  const [ours, theirs] = (pair ?? []).map((mistakes) => predictions(300, mistakes));
  const [result] = resultsOf(
    [gate],
    factsOf(ours && theirs ? comparePredictions(ours, theirs, classes) : null),
  );
  return result;
}

describe('a gate', () => {
  test.each([
    [{ metric: 'accuracy', atLeast: 0.92 }, true, 'accuracy 0.95 ≥ 0.92'],
    [{ metric: 'accuracy', atLeast: 0.96 }, false, 'accuracy 0.95 < 0.96'],
    [{ metric: 'logLoss', atMost: 0.2 }, true, 'logLoss 0.1 ≤ 0.2'],
    [{ metric: 'logLoss', atMost: 0.05 }, false, 'logLoss 0.1 > 0.05'],
  ])('of %j passes: %j', (gate, passed, message) => {
    expect(check(gate)).toMatchObject({ passed, message });
  });

  test('on a metric that does not exist fails and names those that do', () => {
    const result = check({ metric: 'acuracy', atLeast: 0.9 });
    expect(result?.passed).toBe(false);
    expect(result?.message).toContain('known: accuracy, logLoss, calibrationError');
  });

  test('on slices judges only those with enough examples', () => {
    expect(check({ slices: 'accuracy', atLeast: 0.94 })).toMatchObject({
      passed: true,
      message: 'lowest slice accuracy 0.95 (light noon, 220 examples, 95 % 0.9 to 1) ≥ 0.94',
    });
  });

  test('on slices fails what is shown to be below the limit, and nothing else', () => {
    expect(check({ slices: 'accuracy', atLeast: 0.97 })).toMatchObject({
      passed: true,
      message:
        'lowest slice accuracy 0.95 (light noon, 220 examples, 95 % 0.9 to 1) is not shown to be below 0.97',
    });
    expect(check({ slices: 'accuracy', atLeast: 0.99 })).toMatchObject({
      passed: false,
      message: 'slice accuracy 0.95 (light noon, 220 examples, 95 % 0.9 to 1) is below 0.99',
    });
  });

  test('on the calibration error is no lower than what chance gives so few examples', () => {
    expect(check({ metric: 'calibrationError', atMost: 0.01 })).toMatchObject({
      passed: true,
      message:
        'calibrationError 0.031 ≤ 0.034, up to which chance alone takes so few examples; the limit is 0.01',
    });
    expect(check({ metric: 'calibrationError', atMost: 0.04 })?.message).toBe(
      'calibrationError 0.031 ≤ 0.04',
    );
  });

  test('on slices that are all as good as the limit fails one project in twenty at most', () => {
    const random = createRandom('alike');
    const { evaluation, package: packaged } = recordOf('222222222222', 0.95, 0.002);
    const facts = {
      champion: null,
      incomparable: null,
      comparison: null,
      package: packaged,
      budgets,
    };
    const failed = Array.from({ length: 400 }, () => {
      const slices = Array.from({ length: 30 }, (_, index) => {
        const hits = Array.from({ length: 40 }, () => random.next() < 0.9).filter(Boolean).length;
        const accuracy = wilson(hits, 40);
        return { slice: 'light', value: `${index}`, accuracy, error: null, count: 40 };
      });
      const [result] = judgeGates({
        ...facts,
        gates: [{ slices: 'accuracy', atLeast: 0.9 }],
        slices: [{ column: 'light', minimumCount: 20 }],
        candidate: { ...evaluation, slices },
      });
      return result?.passed === false;
    }).filter(Boolean).length;
    expect(failed).toBeLessThanOrEqual(0.05 * 400 + 2 * Math.sqrt(400 * 0.05 * 0.95));
  });

  test('against a champion passes where there is none', () => {
    expect(check({ metric: 'accuracy', notWorseBy: 0.02 })?.passed).toBe(true);
  });

  test('against a champion passes for the very model that serves, however few examples there are', () => {
    const answers = predictions(1, below(0));
    const facts = factsOf(comparePredictions(answers, answers, classes, { sameModel: true }));
    expect(resultsOf([{ metric: 'accuracy', notWorseBy: 0 }], facts)[0]?.passed).toBe(true);
  });

  test.each([
    ['accuracy', 1, false],
    ['accuracy', 71, false],
    ['accuracy', 72, true],
    ['logLoss', 71, false],
    ['logLoss', 72, true],
  ])('of %s passes for equal answers to %i examples: %s', (metric, count, passed) => {
    const answers = predictions(count, below(3));
    const facts = factsOf(comparePredictions(answers, answers, classes));
    const [result] = resultsOf([{ metric, notWorseBy: 0.05 }], facts);
    expect(result?.passed).toBe(passed);
    if (!passed) expect(result?.message).toMatch(/the same answers to .*, and 72 are needed/);
  });

  test('equal answers pass only where models that differ by the margin would rarely give them', () => {
    const margins = fc.double({ min: 0.01, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(margins, fc.integer({ min: 1, max: 400 }), (notWorseBy, examples) => {
        const comparison = { ...sameAnswers, examples };
        const [result] = resultsOf([{ metric: 'accuracy', notWorseBy }], factsOf(comparison));
        expect(result?.passed).toBe((1 - notWorseBy) ** examples <= 0.025);
      }),
    );
  });

  test('of errors fails below 60 examples, however much better the model is', () => {
    const compared = (count: number) =>
      comparePredictions(estimates(count, 1, 1), estimates(count, 9, 2), []);
    const gates: Gate[] = [{ metric: 'rmse', notWorseBy: 0.1 }];
    const [few] = resultsOf(gates, factsOf(compared(59)));
    expect(few).toMatchObject({ passed: false });
    expect(few?.message).toBe('cannot tell: 59 shared examples, and 60 are needed');
    expect(resultsOf(gates, factsOf(compared(60)))[0]?.passed).toBe(true);
  });

  test('a champion that errs by nothing is compared in units, of which no share can be said', () => {
    const comparison = comparePredictions(estimates(80, 1, 1), estimates(80, 0, 0), []);
    const [result] = resultsOf([{ metric: 'mae', notWorseBy: 0.1 }], factsOf(comparison));
    expect(result?.passed).toBe(false);
    expect(result?.message).toMatch(/^mae \+\d/);
    expect(result?.message).not.toMatch(/NaN|Infinity|%,/);
  });

  test('a worse model passes by no limit of another metric than the one that decides', () => {
    const worse = comparePredictions(
      predictions(300, below(40)),
      predictions(300, below(5)),
      classes,
    );
    const isPassed = (gates: readonly Gate[]) =>
      resultsOf(gates, factsOf(worse)).every(({ passed }) => passed);
    const brier: Gate = { metric: 'brier', notWorseBy: 50 };
    const slices: Gate = { slices: 'accuracy', notWorseBy: 0.9 };
    expect(resultsOf([brier], factsOf(worse))[0]).toEqual({
      gate: 'accuracy not worse',
      passed: false,
      message:
        'worse than the champion; a gate of accuracy with notWorseBy says how much is accepted',
    });
    expect(
      [[brier], [brier, slices], [{ metric: 'accuracy', atLeast: 0.1 }]].map(isPassed),
    ).toEqual([false, false, false]);
    expect(isPassed([brier, { metric: 'accuracy', notWorseBy: 0.3 }])).toBe(true);
    // Nothing judges but people, who read the verdict.
    expect(isPassed([])).toBe(true);
  });

  test('against a champion fails where a loss beyond the margin cannot be ruled out', () => {
    const result = check({ metric: 'accuracy', notWorseBy: 0.02 }, [below(12), below(8)]);
    expect(result?.passed).toBe(false);
    expect(result?.message).toContain('300 shared examples cannot rule out −2.0 pp');
  });

  test('against a champion passes where the interval lies above the margin', () => {
    const result = check({ metric: 'accuracy', notWorseBy: 0.05 }, [below(12), below(8)]);
    expect(result?.passed).toBe(true);
    expect(result?.message).toContain('better than −5.0 pp');
  });

  test('against a champion fails where the loss is certain', () => {
    const result = check({ metric: 'accuracy', notWorseBy: 0.02 }, [below(40), below(5)]);
    expect(result?.message).toContain('worse than −2.0 pp');
  });

  test('on a package over its budget fails', () => {
    const { evaluation, package: packaged } = recordOf('222222222222', 0.95, 0.002);
    const results = judgeGates({
      gates: [],
      slices: [],
      candidate: evaluation,
      champion: null,
      incomparable: null,
      comparison: null,
      package: packaged,
      budgets: { modelBytes: 100_000, latencyMs: 0.1 },
    });
    expect(results).toMatchObject([
      { gate: 'package size', passed: false, message: 'package size 123 kB > 100 kB' },
      { gate: 'latency', passed: false, message: 'latency p95 0.2 ms > 0.1 ms' },
    ]);
  });
});
