import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { checkOwnClaims } from '../../../pipeline/check-claims.ts';
import { writePredictions } from '../../../pipeline/evaluation/index.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { metricsFor } from '../../../platform/quality/index.ts';
import type { ModelRecord, Prediction } from '../../../platform/schemas/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';
import { test } from '../../helpers/folder.ts';

const classes = ['good', 'ok', 'bad'];

/** Answers to some photos, of which a third is wrong. */
const predictions: Prediction[] = Array.from({ length: 30 }, (_, at) => {
  const label = classes[at % 3] ?? '';
  const predicted = at % 9 < 6 ? label : (classes[(at + 1) % 3] ?? '');
  const sure = 0.5 + (at % 5) / 11;
  return {
    ...{ id: `${at}.png`, digest: digestJson(at), dataset: 'pumpkins', split: 'test', label },
    ...{ predicted, score: 0, accepted: true },
    probabilities: classes.map((name) => (name === predicted ? sure : (1 - sure) / 2)),
  };
});

/** A record that states what its predictions say. */
async function buildHonest(folder: string): Promise<ModelRecord> {
  const store = openStore(folder);
  const record = await buildCandidate(store, 'a');
  const stored = await writePredictions(store, predictions);
  const facts = { examples: predictions, classes, outOfDistribution: null };
  const metrics = metricsFor(record.task, false).flatMap(({ name, better, measure }) => {
    const value = measure(facts);
    return value === null ? [] : [{ name, value, better }];
  });
  return { ...record, evaluation: { ...record.evaluation, predictions: stored, metrics } };
}

describe('a record', () => {
  test('whose metrics are those of its predictions is believed', async ({ folder }) => {
    const record = await buildHonest(folder);
    expect(record.evaluation.metrics.length).toBeGreaterThan(5);
    expect(await checkOwnClaims(openStore(folder), record)).toEqual([]);
  });

  test('that states another number fails a gate that names both, whichever metric it is', async ({
    folder,
  }) => {
    const record = await buildHonest(folder);
    const store = openStore(folder);
    const { metrics } = record.evaluation;
    const change = fc.tuple(
      fc.nat(metrics.length - 1),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.constantFrom(-1, 1),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([at, by, direction]) => {
        const forged = metrics.map((metric, place) =>
          place === at ? { ...metric, value: metric.value + direction * by } : metric,
        );
        const claims = await checkOwnClaims(store, {
          ...record,
          evaluation: { ...record.evaluation, metrics: forged },
        });
        expect(claims).toMatchObject([{ of: metrics[at]?.name, passed: false }]);
      }),
      { numRuns: 50 },
    );
  });

  test('whose predictions are elsewhere, or whose metric another version knew, is left alone', async ({
    folder,
  }) => {
    const record = await buildHonest(folder);
    const gone = { ...record.evaluation.predictions, digest: digestJson('elsewhere') };
    const other = { name: 'joy', value: 2, better: 'higher' as const };
    const parts = [
      { predictions: gone, metrics: [] },
      { metrics: [...record.evaluation.metrics, other] },
    ];
    for (const part of parts) {
      const evaluation = { ...record.evaluation, ...part };
      expect(await checkOwnClaims(openStore(folder), { ...record, evaluation })).toEqual([]);
    }
  });
});
