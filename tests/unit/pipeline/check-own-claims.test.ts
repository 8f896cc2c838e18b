import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { checkOwnClaims } from '../../../pipeline/check-own-claims.ts';
import {
  measureRefusal,
  sliceResults,
  writePredictions,
} from '../../../pipeline/evaluation/index.ts';
import { encodeIndex, indexMediaType } from '../../../pipeline/prepare/index.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { classQuality, confusionOf, metricsFor } from '../../../platform/quality/index.ts';
import type { ModelRecord, Prediction, PreparedRow } from '../../../platform/schemas/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';
import { test } from '../../helpers/folder.ts';

const classes = ['good', 'ok', 'bad'];
const threshold = -1.5;
const columns = ['size'];

/** Answers to some photos, of which a third is wrong and some are refused. */
const predictions: Prediction[] = Array.from({ length: 45 }, (_, at) => {
  const label = classes[at % 3] ?? '';
  const predicted = at % 9 < 6 ? label : (classes[(at + 1) % 3] ?? '');
  const sure = 0.5 + (at % 5) / 11;
  const split = at < 15 ? 'validation' : 'test';
  return {
    ...{ id: `${at}.png`, digest: digestJson(at), dataset: 'pumpkins', split, label, predicted },
    ...scored(-(at % 7) / 3.9),
    probabilities: classes.map((name) => (name === predicted ? sure : (1 - sure) / 2)),
  };
});

const outliers: Prediction[] = Array.from({ length: 20 }, (_, at) => ({
  ...{ id: `sky-${at}.png`, digest: digestJson(`sky ${at}`), dataset: 'sky', label: '' },
  ...{ split: at % 2 === 0 ? 'test' : 'validation', predicted: 'ok' },
  ...scored(-0.8 - at / 7),
  probabilities: [0.2, 0.5, 0.3],
}));

function scored(score: number): Pick<Prediction, 'score' | 'accepted'> {
  return { score, accepted: score >= threshold };
}

const isTest = ({ split }: Pick<Prediction, 'split'>) => split === 'test';

function metadataOf(id: string): Record<string, string> {
  return id.endsWith('1.png') ? {} : { size: id.length > 5 ? 'large\n' : 'small' };
}

/** A record that states what its predictions say. */
async function buildHonest(folder: string): Promise<ModelRecord> {
  const store = openStore(folder);
  const record = await buildCandidate(store, 'a');
  const tested = predictions.filter(isTest);
  const scores = {
    inliers: tested.map(({ score }) => score),
    outliers: outliers.filter(isTest).map(({ score }) => score),
  };
  const held = predictions.filter((one) => !isTest(one));
  const outOfDistribution = {
    ...{ method: 'energy' as const, threshold, distance: null },
    acceptance: held.filter(({ accepted }) => accepted).length / held.length,
    ...measureRefusal(scores, threshold),
  };
  const facts = { examples: tested, classes, outOfDistribution };
  const metrics = metricsFor(record.task, true).flatMap(({ name, better, measure }) => {
    const value = measure(facts);
    return value === null ? [] : [{ name, value, better }];
  });
  const confusion = confusionOf(tested, classes);
  const rows = predictions.map(({ id, digest, split, label }): PreparedRow => {
    return { id, digest, split, label, metadata: metadataOf(id) };
  });
  const preprocessing = { kind: 'image' as const, size: 1, scale: 1, offset: 0 };
  const head = { version: 1 as const, dtype: 'uint8' as const, shape: [1, 1, 3], shards: [] };
  const index = await store.put(
    encodeIndex({ ...head, classes, preprocessing, rows }),
    indexMediaType,
  );
  const slices = sliceResults(
    tested.map((one) => ({ ...one, row: { label: one.label, metadata: metadataOf(one.id) } })),
    columns,
    false,
  );
  const stored = await writePredictions(store, [...predictions, ...outliers]);
  const quality = { metrics, confusion, perClass: classQuality(confusion, classes), slices };
  return {
    ...record,
    preprocessing,
    prepared: { ...record.prepared, index },
    evaluation: { ...record.evaluation, ...quality, outOfDistribution, predictions: stored },
  };
}

type Evaluation = ModelRecord['evaluation'];

/** The places of the numbers in what is checked. */
function numbersIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, [...path, key]));
}

function withNumber(value: unknown, path: readonly string[], change: (number: number) => number) {
  const copy: unknown = structuredClone(value);
  const last = path.at(-1) ?? '';
  const place = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), copy);
  Reflect.set(Object(place), last, change(Number(Reflect.get(Object(place), last))));
  return copy;
}

describe('a record', () => {
  test('whose numbers are those of its predictions is believed', async ({ folder }) => {
    const record = await buildHonest(folder);
    expect(record.evaluation.metrics.length).toBeGreaterThan(8);
    expect(record.evaluation.slices.map(({ value }) => value)).toEqual(['large\n', 'missing']);
    expect(await checkOwnClaims(openStore(folder), record, columns)).toEqual([]);
  });

  test('by which the server would see other pixels than were measured fails a gate', async ({
    folder,
  }) => {
    const record = await buildHonest(folder);
    const preprocessing = { kind: 'image' as const, size: 1, scale: 1, offset: -0.5 };
    const gates = await checkOwnClaims(openStore(folder), { ...record, preprocessing }, columns);
    expect(gates).toEqual([
      expect.objectContaining({ gate: 'preprocessing as stated', passed: false }),
    ]);
  });

  test('that states another number fails a gate, wherever the number stands', async ({
    folder,
  }) => {
    const record = await buildHonest(folder);
    const store = openStore(folder);
    const { metrics, perClass, confusion, slices, outOfDistribution } = record.evaluation;
    const checked = { metrics, perClass, confusion, slices, outOfDistribution };
    const places = numbersIn(checked);
    expect(places.length).toBeGreaterThan(40);
    const change = fc.tuple(
      fc.constantFrom(...places),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.constantFrom(-1, 1),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([path, by, direction]) => {
        // A threshold between the same two scores decides the same, and counts are whole.
        const whole = path[0] === 'confusion' || path.at(-1) === 'count';
        const step = path.at(-1) === 'threshold' ? 5 : whole ? 1 : by;
        const forged = withNumber(checked, path, (number) => number + direction * step);
        const evaluation: Evaluation = { ...record.evaluation, ...Object(forged) };
        const claims = await checkOwnClaims(store, { ...record, evaluation }, columns);
        expect(claims.length, path.join('.')).toBeGreaterThan(0);
        expect(claims.every(({ passed }) => !passed)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('names what is stated and what was measured', async ({ folder }) => {
    const record = await buildHonest(folder);
    const [large, missing] = record.evaluation.slices;
    if (!large?.accuracy || !missing) throw new Error('there are two slices');
    const claims = async (part: Partial<Evaluation>) => {
      const evaluation = { ...record.evaluation, ...part };
      const found = await checkOwnClaims(openStore(folder), { ...record, evaluation }, columns);
      return found.map(({ message }) => message);
    };
    const better = { ...large, accuracy: { ...large.accuracy, value: 1 } };
    expect(await claims({ slices: [better, missing] })).toEqual([
      'slice size=large\\n is stated as 100.0 % of 27 examples, measured was 55.6 % of 27 examples',
    ]);
    expect(await claims({ slices: [large] })).toEqual([
      'slice size=missing is stated as nothing, measured was 100.0 % of 3 examples',
    ]);
    const invented = { ...large, value: 'huge' };
    expect(await claims({ slices: [large, missing, invented] })).toEqual([
      'slice size=huge is stated as 55.6 % of 27 examples, measured was nothing',
    ]);
    expect(await claims({ outOfDistribution: null })).toContainEqual(
      expect.stringMatching(
        /^threshold of refusal is stated as none, measured was that \d+ answers/,
      ),
    );
  });

  test('whose predictions are elsewhere, or whose metric another version knew, is left alone', async ({
    folder,
  }) => {
    const record = await buildHonest(folder);
    const gone = { ...record.evaluation.predictions, digest: digestJson('elsewhere') };
    const other = { name: 'joy', value: 2, better: 'higher' as const };
    const { outOfDistribution: refusal } = record.evaluation;
    if (!refusal) throw new Error('it refuses');
    const { accepted: _, ...earlier } = refusal;
    const parts = [
      { predictions: gone, metrics: [] },
      { metrics: [...record.evaluation.metrics, other] },
      { outOfDistribution: earlier },
    ];
    for (const part of parts) {
      const evaluation = { ...record.evaluation, ...part };
      const claims = await checkOwnClaims(openStore(folder), { ...record, evaluation }, columns);
      expect(claims).toEqual([]);
    }
  });
});
