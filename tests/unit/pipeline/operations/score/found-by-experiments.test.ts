import { describe, expect, test } from 'vitest';
import {
  type ExperimentEvidence,
  eachColumnHelps,
  isBetterThanLinear,
  parametersWereTuned,
} from '../../../../../pipeline/operations/score/found-by-experiments.ts';
import type { Attainable, Ranking, SweepTrial } from '../../../../../platform/schemas/index.ts';
import { buildRecord, gourds } from '../../../../helpers/model-repository.ts';

const artefact = {
  ...{ digest: `sha256:${'0'.repeat(64)}` as const, bytes: 1, mediaType: 'application/onnx' },
};
const record = {
  ...buildRecord(gourds, artefact),
  parameters: { learningRate: 0.01, model: { hidden: [32, 16] } },
};
const nothing: ExperimentEvidence = { record, report: null, sweeps: [] };

const growth = (low: number) => ({ growth: low + 0.1, low, high: low + 0.2 });

function rankingOf(changed: Partial<Ranking>): ExperimentEvidence {
  const ranking: Ranking = {
    ...{ metric: 'logLoss', loss: 0.3, examples: 120, repeats: 5, weak: null, proposed: null },
    columns: [
      { column: 'weight', ...growth(0.2) },
      { column: 'colour', ...growth(-0.1) },
    ],
    ...changed,
  };
  return { ...nothing, report: { run: record.run, ranking } };
}

describe('that each column helps', () => {
  const weak = { columns: ['colour'], ...growth(-0.1) };

  test('is shown by a ranking without weak columns', () => {
    expect(eachColumnHelps(rankingOf({}))).toContain('each of 2 columns is shown to help');
  });

  test('is not shown while a weak column was not tried, or its loss costs nothing', () => {
    expect(eachColumnHelps(nothing)).toBeNull();
    expect(eachColumnHelps(rankingOf({ weak }))).toBeNull();
    expect(eachColumnHelps(rankingOf({ weak, dropped: [weak] }))).toBeNull();
    const together = { columns: ['colour', 'weight'], ...growth(0.1) };
    expect(eachColumnHelps(rankingOf({ weak, dropped: [together] }))).toBeNull();
  });

  test('is shown by a training without the weak column that is worse', () => {
    const dropped = [{ columns: ['colour'], ...growth(0.02) }];
    expect(eachColumnHelps(rankingOf({ weak, dropped }))).toContain('trained again without colour');
  });
});

describe('that parameters were tuned', () => {
  const trial = (number: number, values: SweepTrial['values']): SweepTrial => ({
    ...{ trial: number, values, status: 'done', epochs: null, loss: null },
    ...{ metrics: { logLoss: 0.3 }, predictions: null, error: null, seconds: 1 },
  });
  const rates = Array.from({ length: 10 }, (_, index) =>
    trial(index, { learningRate: (index + 1) / 100, 'model.hidden': [32, 16] }),
  );
  const tuned = (trials: readonly SweepTrial[]) =>
    parametersWereTuned({ ...nothing, sweeps: [trials] });

  test('is shown by a sweep that tried those that serve', () => {
    expect(tuned(rates)).toContain('tried 10 values of learningRate, model.hidden');
  });

  test('is not shown by a short sweep, by failures, or by a sweep of other values', () => {
    expect(tuned([])).toBeNull();
    expect(tuned(rates.slice(0, 9))).toBeNull();
    expect(tuned(rates.map((one) => ({ ...one, status: 'failed' })))).toBeNull();
    expect(tuned([...rates.slice(1), trial(0, { learningRate: 0.5 })])).toBeNull();
    expect(tuned(rates.map((one) => ({ ...one, values: { unknown: 1 } })))).toBeNull();
    expect(tuned(rates.map((one) => ({ ...one, values: {} })))).toBeNull();
    expect(parametersWereTuned({ ...nothing, record: null, sweeps: [rates] })).toBeNull();
  });
});

describe('that a simpler model is not better', () => {
  function attainableOf(...highs: readonly number[]): ExperimentEvidence {
    const answering = { accuracy: 0.9, logLoss: 0.3 };
    const difference = (high: number) => ({ difference: high - 0.1, low: high - 0.2, high });
    const attainable: Attainable = {
      ...{ learnt: 100, of: 100, examples: 40, model: answering, weakest: null },
      linear: highs.map((high) => ({ space: 'columns', ...answering, ...difference(high) })),
      half: { ...answering, ...difference(0) },
    };
    return { ...nothing, report: { run: record.run, attainable } };
  }

  test('is shown by linear models that are all shown to be worse', () => {
    expect(isBetterThanLinear(attainableOf(-0.05, -0.01))).toContain('40 validation examples');
  });

  test('is not shown by one that may be as good, nor without any', () => {
    expect(isBetterThanLinear(attainableOf(-0.05, 0.01))).toBeNull();
    expect(isBetterThanLinear(attainableOf())).toBeNull();
    expect(isBetterThanLinear(nothing)).toBeNull();
  });
});
