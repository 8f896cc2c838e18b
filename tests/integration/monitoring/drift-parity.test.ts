import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerProperty, metrics } from '../../../monitoring/metrics.ts';
import { objectives } from '../../../monitoring/objectives.ts';
import { buildRules } from '../../../monitoring/rules/index.ts';
import { type Recorded, recorded } from '../../../monitoring/rules/recorded.ts';
import { judgeBins } from '../../../pipeline/compare-with-profile.ts';
import { judgeAnswerMix, judgeAnswers } from '../../../pipeline/judge-answers.ts';
import { judgeSlices } from '../../../pipeline/judge-slices.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import { stabilityBound, stabilityIndex } from '../../../platform/quality/index.ts';
import { type Exporter, type Sample, startExporter } from '../../helpers/exporter.ts';
import {
  type Prometheus,
  prometheusFound,
  type Series,
  startPrometheus,
} from '../../helpers/prometheus.ts';

const served = { model: 'pumpkins', version: '0123456789ab' };
const samples = 731;
const refusedRatio = 0.02;
const replicas = 2;
const random = createRandom(11);

/** Some of all sizes: empty bins on either side, two bins and thirty, few inputs and many. */
const properties = Array.from({ length: 24 }, (_, at) => {
  const bins = 2 + ((at * 5) % 29);
  const draw = (most: number) =>
    Array.from({ length: bins }, () =>
      random.next() < 0.2 ? 0 : Math.floor(random.next() ** 2 * most),
    );
  const reference = draw(100);
  const most = 3 * 4 ** (at % 6);
  const live = Array.from({ length: replicas }, () =>
    at % 4 === 0 ? reference.map((count) => 3 * count) : draw(most),
  );
  return { name: `property ${at}`, reference: sharesOf(reference), live };
});
const classes = ['good', 'ok', 'bad'];
const classRatios = [0.5, 0.3, 0.2];
const reference = {
  ...{ version: 1 as const, samples, refusedRatio, expectedAccuracy: 0.9, accuracy: 0.97 },
  classRatios: Object.fromEntries(classes.map((name, at) => [name, classRatios[at] ?? 0])),
};
/** Of a light: what the test split promised, and what people judged right and wrong. */
const lights = [
  { value: 'sun', accuracy: 0.95, right: 60, wrong: 4 },
  { value: 'evening', accuracy: 0.9, right: 8, wrong: 40 },
  { value: 'dusk', accuracy: 0.3, right: 8, wrong: 32 },
  { value: 'rain', accuracy: 0.9, right: 4, wrong: 6 },
  { value: 'other', accuracy: undefined, right: 12, wrong: 36 },
];
const answers = [
  [40, 11, 0],
  [7, 90, 13],
];

describe.skipIf(!prometheusFound)('drift as a real Prometheus computes it for two replicas', () => {
  let exporters: Exporter[];
  let prometheus: Prometheus;
  let folder: string;
  let found: readonly Series[];
  let counts: readonly Series[];
  const seriesOf = ({ name }: Recorded) => found.filter(({ metric }) => metric.__name__ === name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mainstem-drift-'));
    exporters = await Promise.all(Array.from({ length: replicas }, () => startExporter()));
    const targets = exporters.map(({ target }) => target);
    const show = (share: number) => {
      for (const [replica, exporter] of exporters.entries()) {
        exporter.show(samplesOf(replica, share));
      }
    };
    show(0);
    prometheus = await startPrometheus(folder, targets, buildRules(objectives));
    await prometheus.scraped(2);
    show(1);
    await prometheus.scraped(5);
    // A restart: counters begin at 0, and come half as far once more.
    show(0);
    await prometheus.scraped(7);
    show(0.5);
    await prometheus.scraped(12);
    const all = [
      recorded.inputBins,
      recorded.stability,
      recorded.noise,
      recorded.distance,
      recorded.driftState,
    ];
    const answered = [recorded.predictions, recorded.refused, recorded.refusedLow];
    const trusted = [recorded.confidence, recorded.confidenceNoise, recorded.confidenceState];
    const judged = [
      recorded.refusedState,
      recorded.wrong,
      recorded.wrongLow,
      recorded.qualityState,
    ];
    const sliced = [
      ...[recorded.judged, recorded.judgedAccuracy, recorded.sliceWrong, recorded.sliceJudged],
      ...[recorded.sliceLow, recorded.sliceHigh, recorded.sliceExpected, recorded.sliceState],
    ];
    const names = [...all, ...answered, ...trusted, ...judged, ...sliced]
      .map(({ name }) => name)
      .join('|');
    // Of one evaluation, which is over: numbers of two could differ.
    found = await prometheus.query(`{__name__=~"${names}"} offset 3s`);
    counts = seriesOf(recorded.inputBins);
  });
  afterAll(async () => {
    await prometheus.stop();
    for (const exporter of exporters) await exporter.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('counts every input of both replicas, also those before the restart', () => {
    for (const { name, live } of properties) {
      const sent = live.flat().reduce((sum, count) => sum + count + Math.floor(count / 2), 0);
      const increase = countsOf(counts, name).reduce((sum, { value }) => sum + value, 0);
      // Prometheus extrapolates to the ends of the window, by less than a scrape of some ten.
      expect(increase / Math.max(sent, 1)).toBeGreaterThanOrEqual(sent === 0 ? 0 : 1);
      expect(increase / Math.max(sent, 1)).toBeLessThan(1.35);
    }
  });

  test('is what the platform computes from the same counts, to 1e-9', async () => {
    const [index, noise] = [seriesOf(recorded.stability), seriesOf(recorded.noise)];
    const falseAlarms = objectives.falseAlarms / (properties.length + 1);
    const all = [
      ...properties.map(({ name, reference }) => ({ name, ratios: reference, of: samples })),
      { name: answerProperty, ratios: classRatios, of: samples * (1 - refusedRatio) },
    ];
    expect(index).toHaveLength(all.length);
    expect(noise).toHaveLength(all.length);
    for (const { name, ratios, of } of all) {
      const live = countsOf(counts, name).map(({ value }) => value);
      const both = { reference: ratios.map((ratio) => ratio * of), live };
      expect(live).toHaveLength(ratios.length);
      expect(Math.abs(numberOf(index, name) - stabilityIndex(both)), name).toBeLessThan(1e-9);
      expect(
        Math.abs(numberOf(noise, name) - stabilityBound(both, falseAlarms)),
        name,
      ).toBeLessThan(1e-9);
    }
  });

  test('has the index, the noise, the distance and the verdict that the command "drift" computes, to 1e-9', () => {
    const bins = properties.map(({ name, reference }) => ({
      ...{ name, kind: 'category' as const, ratios: reference },
      edges: reference.map((_, bin) => String(bin)),
    }));
    const profile = { ...reference, bins };
    const classCounts = countsOf(counts, answerProperty);
    const answered = Object.fromEntries(
      classes.map((name, at) => [name, classCounts[at]?.value ?? 0] as const),
    );
    const [mix] = judgeAnswerMix(profile, { classes: answered }, objectives);
    const all = bins.map((one) => {
      const live = countsOf(counts, one.name).map(({ value }) => value);
      return judgeBins(profile, { bins: one, counts: live, missing: 0 }, objectives);
    });
    for (const offline of [...all, ...(mix ? [mix] : [])]) {
      const one = { name: offline.property };
      const differs = (found: number, recording: Recorded) =>
        Math.abs(found - numberOf(seriesOf(recording), one.name));
      expect(differs(offline.index, recorded.stability), one.name).toBeLessThan(1e-9);
      expect(differs(offline.noise, recorded.noise), one.name).toBeLessThan(1e-9);
      expect(differs(offline.distance, recorded.distance), one.name).toBeLessThan(1e-9);
      const state = { ok: 0, drift: 1, insufficient: 2 }[offline.state];
      expect(numberOf(seriesOf(recorded.driftState), one.name), one.name).toBe(state);
    }
  });

  test('has the verdicts on refusals, confidence and corrections that the command computes', () => {
    const only = (recording: Recorded) => {
      const series = seriesOf(recording);
      expect(series, recording.name).toHaveLength(1);
      return Number(series[0]?.value[1]);
    };
    const answers = seriesOf(recorded.predictions);
    const sum = (some: readonly Series[]) =>
      some.reduce((all, { value }) => all + Number(value[1]), 0);
    const accepted = answers.filter(({ metric }) => metric.accepted === 'true');
    const mean = only(recorded.confidence);
    const verdicts = judgeAnswers(
      { ...reference, bins: [] },
      {
        ...{ answered: sum(answers), refused: only(recorded.refused) },
        confidence: mean * sum(accepted),
        classes: Object.fromEntries(
          accepted.map(({ metric, value }) => [metric.class ?? '', Number(value[1])]),
        ),
        judged: { all: 0, wrong: only(recorded.wrong), accepted: 0, right: 0 },
      },
      objectives,
    );
    const isAlike = (offline: number | undefined, recording: Recorded) =>
      expect(Math.abs((offline ?? Number.NaN) - only(recording)), recording.name).toBeLessThan(
        1e-9,
      );
    const stateOf = { ok: 0, drift: 1, insufficient: 2 };
    const { refused, confidence, quality } = verdicts;
    isAlike(refused.low, recorded.refusedLow);
    isAlike(stateOf[refused.state], recorded.refusedState);
    isAlike(confidence?.noise, recorded.confidenceNoise);
    isAlike(stateOf[confidence?.state ?? 'insufficient'], recorded.confidenceState);
    isAlike(quality?.low, recorded.wrongLow);
    isAlike(stateOf[quality?.state ?? 'insufficient'], recorded.qualityState);
    expect([refused.state, confidence?.state, quality?.state]).toEqual(['ok', 'drift', 'drift']);
  });

  test('has the verdicts on slices that the command computes, to 1e-9', () => {
    const of = (recording: Recorded, light: string) => {
      const series = seriesOf(recording).filter(({ metric }) => metric.value === light);
      expect(series, `${recording.name} of ${light}`).toHaveLength(1);
      return Number(series[0]?.value[1]);
    };
    const counted = lights.map(({ value }) => {
      const all = of(recorded.sliceJudged, value);
      return { slice: 'light', value, all, right: all - of(recorded.sliceWrong, value) };
    });
    const all = Number(seriesOf(recorded.judged)[0]?.value[1]);
    const right = all - Number(seriesOf(recorded.wrong)[0]?.value[1]);
    const promised = lights.flatMap(({ value, accuracy }) =>
      accuracy === undefined ? [] : { slice: 'light', value, accuracy },
    );
    const verdicts = judgeSlices(counted, { all, right }, promised, objectives);
    expect(verdicts).toHaveLength(lights.length);
    for (const { value, low, high, expected, state } of verdicts) {
      expect(Math.abs(low - of(recorded.sliceLow, value)), value).toBeLessThan(1e-9);
      expect(Math.abs(high - of(recorded.sliceHigh, value)), value).toBeLessThan(1e-9);
      expect(Math.abs(expected - of(recorded.sliceExpected, value)), value).toBeLessThan(1e-9);
      const number = { ok: 0, drift: 1, insufficient: 2 }[state];
      expect(of(recorded.sliceState, value), value).toBe(number);
    }
    const states = verdicts.map(({ state }) => state);
    expect(states).toEqual(['ok', 'drift', 'ok', 'insufficient', 'drift']);
  });

  test('has a verdict for every property: as before, drifted, or too few inputs', () => {
    const states = seriesOf(recorded.driftState);
    for (const { name } of properties) {
      const inputs = countsOf(counts, name).reduce((sum, { value }) => sum + value, 0);
      const noise = numberOf(seriesOf(recorded.noise), name);
      const bound = Math.max(noise, objectives.drift);
      const drifted = numberOf(seriesOf(recorded.stability), name) > bound ? 1 : 0;
      expect(numberOf(states, name), name).toBe(inputs < objectives.fewestInputs ? 2 : drifted);
    }
    expect(new Set(states.map(({ value }) => value[1]))).toEqual(new Set(['0', '1', '2']));
  });
});

function samplesOf(replica: number, share: number): Sample[] {
  const sample = (name: string, value: number, labels: Record<string, string> = {}) => ({
    ...{ name, value, labels: { ...served, ...labels } },
  });
  const counter = (count: number) => Math.floor(count * share);
  return [
    sample(metrics.modelInfo.name, 1),
    sample(metrics.referenceSamples.name, samples),
    sample(metrics.referenceRefused.name, refusedRatio),
    sample(metrics.referenceConfidence.name, reference.expectedAccuracy),
    sample(metrics.referenceAccuracy.name, reference.accuracy),
    sample(`${metrics.confidence.name}_sum`, 40 * share),
    sample(`${metrics.confidence.name}_count`, 56 * share),
    sample(metrics.refused.name, counter(4), { reason: 'out-of-distribution' }),
    ...['true', 'false'].map((correct) =>
      sample(metrics.feedback.name, counter(40), { predicted: 'good', label: 'ok', correct }),
    ),
    ...lights.flatMap(({ value, accuracy, right, wrong }) => {
      const slice = { slice: 'light', value };
      const judged = (correct: string, count: number) =>
        sample(metrics.sliceFeedback.name, counter(count / replicas), { ...slice, correct });
      return [
        ...[judged('true', right), judged('false', wrong)],
        ...(accuracy === undefined ? [] : [sample(metrics.referenceSlices.name, accuracy, slice)]),
      ];
    }),
    ...classes.flatMap((name, at) => [
      sample(metrics.referenceClasses.name, classRatios[at] ?? 0, { class: name }),
      sample(metrics.predictions.name, counter(answers[replica]?.[at] ?? 0), {
        class: name,
        accepted: 'true',
      }),
      sample(metrics.predictions.name, counter(5), { class: name, accepted: 'false' }),
    ]),
    ...properties.flatMap(({ name, reference, live }) =>
      reference.flatMap((ratio, bin) => [
        sample(metrics.referenceBins.name, ratio, { property: name, bin: String(bin) }),
        sample(metrics.inputBins.name, counter(live[replica]?.[bin] ?? 0), {
          property: name,
          bin: String(bin),
        }),
      ]),
    ),
  ];
}

/** In the order of the bins, or of the classes. */
function countsOf(all: readonly Series[], property: string) {
  const place = (bin = '') => (classes.includes(bin) ? classes.indexOf(bin) : Number(bin));
  return all
    .filter(({ metric }) => metric.property === property)
    .map(({ metric, value }) => ({ place: place(metric.bin), value: Number(value[1]) }))
    .sort((a, b) => a.place - b.place);
}

function numberOf(all: readonly Series[], property: string): number {
  const found = all.filter(({ metric }) => metric.property === property);
  expect(found, property).toHaveLength(1);
  return Number(found[0]?.value[1]);
}

function sharesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map((count) => count / all);
}
