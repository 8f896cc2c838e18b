import { describe, expect, test } from 'vitest';
import { comparePredictions } from '../../../../../pipeline/evaluation/index.ts';
import { type Gate, judgeGates } from '../../../../../platform/quality/index.ts';
import { classes, type Mistakes, predictions, recordOf } from '../../../../fixtures/reports.ts';

const budgets = { modelBytes: 2_000_000, latencyMs: 20 };
const below = (limit: number) => (index: number) => index < limit;

/** The first gate's result for a candidate with accuracy 0.95. */
function check(gate: Gate, pair?: readonly [candidate: Mistakes, champion: Mistakes]) {
  const { evaluation, package: packaged } = recordOf('222222222222', 0.95, 0.002);
  const [ours, theirs] = (pair ?? []).map((mistakes) => predictions(300, mistakes));
  const [result] = judgeGates({
    gates: [gate],
    slices: [{ column: 'light', minimumCount: 100 }],
    candidate: evaluation,
    champion: pair ? recordOf('111111111111', 0.95, 0.001).evaluation : null,
    incomparable: null,
    comparison: ours && theirs ? comparePredictions(ours, theirs, classes) : null,
    package: packaged,
    budgets,
  });
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
      message: 'lowest slice accuracy 0.95 ≥ 0.94 (light noon, 220 examples)',
    });
  });

  test('against a champion passes where there is none', () => {
    expect(check({ metric: 'accuracy', notWorseBy: 0.02 })?.passed).toBe(true);
  });

  test('against a champion passes again for the same model', () => {
    const same = [below(15), below(15)] as const;
    expect(check({ metric: 'accuracy', notWorseBy: 0.001 }, same)?.passed).toBe(true);
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
