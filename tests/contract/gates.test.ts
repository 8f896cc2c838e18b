import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePredictions } from '../../pipeline/evaluation/index.ts';
import { wilson } from '../../pipeline/evaluation/statistics/wilson.ts';
import { renderBytes } from '../../platform/lib/text.ts';
import { type GateFacts, gateKinds } from '../../platform/quality/index.ts';
import type { Comparison, EvaluateOutput } from '../../platform/schemas/index.ts';
import { classes, predictions, recordOf } from '../fixtures/reports.ts';
import { classification, type GateUnderTest, testGate } from './gate.ts';

const record = recordOf('222222222222', 0.95, 0.002);
const champion = recordOf('111111111111', 0.95, 0.001).evaluation;
const base: GateFacts = {
  candidate: record.evaluation,
  champion: null,
  incomparable: null,
  comparison: null,
  package: record.package,
  slices: [{ column: 'light', minimumCount: 20 }],
};

const shares = fc.double({ min: 0, max: 1, noNaN: true });
const regression = { ...classification, task: 'tabular-regression' } as const;
const short = (value: number) => String(Number(value.toFixed(4)));

function kindOf(name: string) {
  const kind = gateKinds.find((one) => one.name === name);
  if (!kind) throw new Error(`there is no kind "${name}"`);
  return kind;
}

function withCandidate(changed: Partial<EvaluateOutput>): GateFacts {
  return { ...base, candidate: { ...record.evaluation, ...changed } };
}

/** A metric as the only one of the candidate. */
function withMetric(name: string, better: 'higher' | 'lower') {
  return (value: number) => withCandidate({ metrics: [{ name, value, better }] });
}

function withSlices(...slices: readonly (readonly [share: number | null, count: number])[]) {
  return withCandidate({
    slices: slices.map(([share, count], index) => ({
      slice: 'light',
      value: `light ${index}`,
      accuracy: share === null ? null : wilson(Math.round(share * count), count),
      error: share === null ? 1 : null,
      count,
    })),
  });
}

/** How likely at most so many of them hit, summed term by term. */
function atMostHits(hits: number, count: number, share: number): number {
  // Of the logarithm, since (1 − share) ** count may be too small for a number.
  let [term, sum] = [count * Math.log1p(-share), 0];
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(term);
    term += Math.log((count - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return sum;
}

/** Slices of a regression with these mean absolute errors and a deviation of 2. */
function withErrors(...slices: readonly (readonly [error: number | null, count: number])[]) {
  return withCandidate({
    slices: slices.map(([error, count], index) => ({
      slice: 'light',
      value: `light ${index}`,
      accuracy: null,
      error,
      ...(error !== null && { errorSpread: { deviation: 2, low: 0, high: 9 } }),
      count,
    })),
  });
}

const wrong = (limit: number) => predictions(300, (index) => index < limit);
const found: Comparison = comparePredictions(wrong(12), wrong(8), classes);

/** A comparison whose interval begins there. */
function withInterval(low: number): GateFacts {
  const metrics = found.metrics.map((metric) => ({ ...metric, low, high: low + 0.1 }));
  return { ...base, champion, comparison: { ...found, metrics } };
}

/** A comparison of slices that lost so much accuracy, with a standard error of 0.02. */
function withLosses(...slices: readonly (readonly [loss: number, examples: number])[]): GateFacts {
  const compared = slices.map(([loss, examples], index) => ({
    ...{ slice: 'light', value: `light ${index}`, examples, metric: 'accuracy' },
    ...{ candidate: 0.9 - loss, champion: 0.9, error: 0.02 },
    ...{ difference: -loss, low: -loss - 0.04, high: 0.04 - loss },
  }));
  return { ...base, champion, comparison: { ...found, slices: compared } };
}

const subjects: readonly GateUnderTest[] = [
  {
    kind: kindOf('metric floor'),
    gate: (limit) => ({ metric: 'accuracy', atLeast: limit }),
    facts: withMetric('accuracy', 'higher'),
    numbers: shares,
    passes: (value, limit) => value >= limit,
    limit: 0.9,
    step: 0.001,
    shown: short,
    missing: [['the metric', withCandidate({ metrics: [] }), 'there is no metric "accuracy"']],
    refused: [[regression, 'metric']],
  },
  {
    kind: kindOf('metric ceiling'),
    gate: (limit) => ({ metric: 'logLoss', atMost: limit }),
    facts: withMetric('logLoss', 'lower'),
    numbers: fc.double({ min: 0, max: 35, noNaN: true }),
    passes: (value, limit) => value <= limit,
    limit: 0.4,
    step: 0.001,
    shown: short,
    missing: [['the metric', withCandidate({ metrics: [] }), 'there is no metric "logLoss"']],
    refused: [[regression, 'metric']],
  },
  {
    kind: kindOf('not worse'),
    gate: (limit) => ({ metric: 'accuracy', notWorseBy: -limit }),
    facts: withInterval,
    numbers: fc.double({ min: -1, max: -1e-6, noNaN: true }),
    passes: (value, limit) => value > limit,
    limit: -0.05,
    step: 0.001,
    shown: (value) => `−${(Math.abs(value) * 100).toFixed(1)} pp`,
    missing: [
      ['the comparison', { ...base, champion }, 'share no test example'],
      [
        'shared examples',
        { ...base, champion, comparison: comparePredictions([], [], classes) },
        'share no test example',
      ],
    ],
    refused: [[regression, 'metric']],
  },
  {
    kind: kindOf('slice floor'),
    gate: (limit) => ({ slices: 'accuracy', atLeast: limit }),
    // Better slices share the doubt; worse ones that are too small change nothing.
    facts: (value) => withSlices([1, 500], [value, 200], [0, 19]),
    numbers: fc.integer({ min: 1, max: 199 }).map((hits) => hits / 200),
    passes: (value, limit) => atMostHits(Math.round(value * 200), 200, limit) > 0.05 / 2,
    limit: 0.8,
    step: 0.1,
    shown: short,
    missing: [['the accuracy of slices', withSlices([null, 100]), 'slices without an accuracy']],
    refused: [
      [regression, 'slices'],
      [{ ...classification, slices: false }, 'slices'],
    ],
  },
  {
    kind: kindOf('slice ceiling'),
    gate: (limit) => ({ slices: 'mae', atMost: limit }),
    facts: (value) => withErrors([0.1, 500], [value, 101], [99, 19]),
    numbers: fc.double({ min: 0.2, max: 50, noNaN: true }),
    // The 97.5 % quantile of Student's t with 100 degrees of freedom, for one slice of two.
    passes: (value, limit) => (value - limit) / (2 / Math.sqrt(101)) < 1.983971518523552,
    limit: 3,
    step: 1,
    shown: short,
    missing: [['the error of slices', withErrors([null, 100]), 'slices without an error']],
    refused: [
      [classification, 'slices'],
      [{ ...regression, slices: false }, 'slices'],
    ],
  },
  {
    kind: kindOf('slice not worse'),
    gate: (limit) => ({ slices: 'accuracy', notWorseBy: limit }),
    facts: (loss) => withLosses([0, 500], [loss, 101], [1, 19]),
    numbers: fc.double({ min: 0, max: 1, noNaN: true }),
    passes: (value, limit) => (value - limit) / 0.02 < 1.983971518523552,
    limit: 0.05,
    step: 0.05,
    shown: short,
    missing: [
      ['the comparison', { ...base, champion }, 'no slices compared by accuracy'],
      ['slices', { ...base, champion, comparison: found }, 'no slices compared by accuracy'],
      ['the champion', { ...base, champion, incomparable: 'it is lost' }, 'it is lost'],
    ],
    refused: [
      [regression, 'slices'],
      [{ ...classification, slices: false }, 'slices'],
    ],
  },
  {
    kind: kindOf('package size'),
    gate: (limit) => ({ modelBytes: limit }),
    facts: (bytes) => ({
      ...base,
      package: { ...record.package, onnx: { ...record.package.onnx, bytes } },
    }),
    numbers: fc.integer({ min: 1, max: 1e9 }),
    passes: (value, limit) => value <= limit,
    limit: 2_000_000,
    step: 10_000,
    shown: renderBytes,
    missing: [],
    refused: [],
  },
  {
    kind: kindOf('latency'),
    gate: (limit) => ({ latencyMs: limit }),
    facts: (p95) => ({ ...base, package: { ...record.package, latencyMs: { p50: p95 / 2, p95 } } }),
    numbers: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    passes: (value, limit) => value <= limit,
    limit: 20,
    step: 0.1,
    shown: (value) => `${short(value)} ms`,
    missing: [],
    refused: [],
  },
];

test('the suite knows every kind of gate', () => {
  const names = gateKinds.map(({ name }) => name);
  expect(subjects.map(({ kind }) => kind.name)).toEqual(names);
  expect(new Set(names).size).toBe(names.length);
});

for (const subject of subjects) testGate(subject);
