import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend, saveModel, startBackend } from '../../../../pipeline/backends/index.ts';
import { checkOwnClaims } from '../../../../pipeline/check-own-claims.ts';
import { evaluateStage, readPredictions } from '../../../../pipeline/evaluation/index.ts';
import { readIndex } from '../../../../pipeline/prepare/index.ts';
import { digestBytes, digestJson } from '../../../../platform/lib/hash.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { metricsFor } from '../../../../platform/quality/index.ts';
import {
  EvaluateOutput,
  type PreparedIndex,
  type TrainOutput,
} from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { decide } from '../../../../platform/transforms/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { stageContext } from '../../../helpers/evaluation.ts';

const classes = ['good', 'ok', 'bad'];
const folder = mkdtempSync(join(tmpdir(), 'mainstem-evaluation-'));
const store = openStore(folder);
const context = stageContext(store, folder);
let trained: TrainOutput;

beforeAll(async () => {
  const backend = await chooseBackend('wasm');
  await startBackend(backend);
  const model = sequential({
    layers: [
      layers.dense({ inputShape: [2], units: 2, useBias: false, activation: 'linear' }),
      layers.dense({ units: 3 }),
    ],
  });
  const centres = [
    [4, 0, -4],
    [0, 4, -4],
  ];
  model.setWeights([
    tensor([
      [1, 0],
      [0, 1],
    ]),
    tensor(centres),
    tensor([-8, -8, -16]),
  ]);
  const epochs = [1, 2].map((epoch) => ({
    epoch,
    learningRate: 0.01,
    trainLoss: 0.2 / epoch,
    trainMetric: 0.9,
    validationLoss: 0.2,
    validationMetric: 0.9,
  }));
  trained = {
    ...(await saveModel(store, model)),
    backend,
    epochs,
    bestEpoch: 2,
    stopped: 'early',
    trainedRows: 100,
  };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Three clouds around (4, 0), (0, 4) and (−4, −4); outliers lie far away at (9, −9). */
async function prepare(labels: readonly string[], count: number, seed: number) {
  const random = createRandom(seed);
  const centres: Record<string, [number, number]> = { good: [4, 0], ok: [0, 4], bad: [-4, -4] };
  const points = Array.from({ length: count }, (_, index) => {
    const label = labels[index % labels.length] ?? '';
    const [x, y] = centres[label] ?? [9, -9];
    return { label, x: x + 1.6 * random.normal(), y: y + 1.6 * random.normal() };
  });
  const column = (name: string) => ({ name, kind: 'number', mean: 0, deviation: 1 }) as const;
  const values = Float32Array.from(points.flatMap(({ x, y }) => [x, y]));
  const shard = await store.put(new Uint8Array(values.buffer));
  const splits = ['train', 'train', 'validation', 'test'] as const;
  const index: PreparedIndex = {
    version: 1,
    dtype: 'float32',
    shape: [2],
    classes,
    preprocessing: { kind: 'table', columns: [column('x'), column('y')] },
    shards: [{ artefact: shard, rows: count }],
    rows: points.map(({ label, x, y }, row) => ({
      id: `row-${row + 1}`,
      digest: digestJson({ x, y }),
      split: splits[Math.floor(row / labels.length) % 4] ?? 'train',
      label,
      metadata: { x: String(x), y: String(y), field: row % 2 ? 'north' : 'south' },
    })),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(index));
  return { index: await store.put(bytes), shards: [shard], rows: count };
}

async function evaluateClouds(withOutliers: boolean, classWeights?: number[]) {
  return evaluateStage.run(
    context,
    {
      prepared: await prepare(classes, 600, 1),
      outOfDistribution: withOutliers ? await prepare(['melon'], 80, 2) : null,
      trained: { ...trained, ...(classWeights && { classWeights }) },
      task: 'tabular-classification',
      classes,
      slices: ['field'],
      backend: trained.backend,
      dataset: 'clouds',
    },
    { thresholds: { acceptance: 0.95 } },
  );
}

describe('the evaluate stage', () => {
  test('gives what its schema says, and the same bytes when run again', async () => {
    const [first, second] = [await evaluateClouds(true), await evaluateClouds(true)];
    expect(parseValue(first, EvaluateOutput, 'evaluation')).toEqual(first);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  test('measures quality only on the test split', async () => {
    const { metrics, confusion, perClass, slices } = await evaluateClouds(true);
    expect(metrics.find(({ name }) => name === 'accuracy')?.value).toBeGreaterThan(0.85);
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(150);
    expect(perClass.map(({ count }) => count)).toEqual([50, 50, 50]);
    expect(slices.map(({ slice, value, count }) => [slice, value, count])).toEqual([
      ['field', 'north', 100],
      ['field', 'south', 50],
    ]);
  });

  test('accepts the asked share of validation and refuses outliers', async () => {
    const { outOfDistribution } = await evaluateClouds(true);
    expect(outOfDistribution?.method).toBe('distance');
    expect(outOfDistribution?.acceptance).toBeGreaterThanOrEqual(0.95);
    const stored = await readPredictions(store, (await evaluateClouds(true)).predictions);
    const test = stored.filter(({ dataset, split }) => dataset === 'clouds' && split === 'test');
    const accepted = test.filter((one) => one.accepted).length;
    expect(outOfDistribution?.accepted).toMatchObject({ value: accepted / 150, count: 150 });
    expect(outOfDistribution?.auroc).toBeGreaterThan(0.95);
    expect(outOfDistribution?.refused?.value).toBeGreaterThan(0.8);
  });

  test('measures distance where there is no set of outliers, and claims nothing about them', async () => {
    const { outOfDistribution, metrics } = await evaluateClouds(false);
    expect(outOfDistribution).toMatchObject({ method: 'distance', auroc: null, refused: null });
    expect(metrics.map(({ name }) => name)).not.toContain('outOfDistributionAuroc');
  });

  test.each([true, false])('states what its own predictions say: outliers %s', async (outliers) => {
    const evaluation = await evaluateClouds(outliers);
    const prepared = await prepare(classes, 600, 1);
    const { preprocessing } = await readIndex(store, prepared);
    const record = { ...(await buildCandidate(store, 'clouds')), prepared, evaluation, classes };
    const stated = { ...record, preprocessing, task: 'tabular-classification' as const };
    expect(await checkOwnClaims(store, stated, ['field'])).toEqual([]);
  });

  test('undoes what class weights did to the logits, before it fits the temperature', async () => {
    const plain = await evaluateClouds(true);
    expect(plain.priorShift).toBeUndefined();
    const weighted = await evaluateClouds(true, [1, 1e4, 1]);
    expect(weighted.priorShift).toEqual([0, Math.log(1e4), 0]);
    const ok = ({ perClass }: EvaluateOutput) => perClass.find((one) => one.class === 'ok');
    expect(ok(weighted)?.recall).toBeLessThan(ok(plain)?.recall ?? 0);
    expect(weighted.temperature).not.toBe(plain.temperature);
    expect(weighted.outOfDistribution).toEqual(plain.outOfDistribution);
  });

  test('stores every held-out answer as the decision gives it', async () => {
    const { predictions, temperature, outOfDistribution } = await evaluateClouds(true);
    const stored = await readPredictions(store, predictions);
    expect(stored).toHaveLength(150 + 150 + 40);
    const far = decide(
      { output: [0, 0, 0], embedding: [40, 40] },
      { classes, temperature, outOfDistribution },
    );
    expect(far.accepted).toBe(false);
    expect(
      stored.filter(({ dataset }) => dataset !== 'clouds').every(({ label }) => label === 'melon'),
    ).toBe(true);
  });

  test('describes the reference data with open bins on both sides', async () => {
    const { profile } = await evaluateClouds(true);
    expect(profile.samples).toBe(300);
    for (const { edges, ratios } of profile.bins) {
      expect(ratios).toHaveLength(edges.length + 1);
      expect(ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...ratios)).toBeGreaterThan(0);
    }
    expect(profile.expectedAccuracy).toBeCloseTo(profile.accuracy ?? 0, 1);
  });

  test('passes regression values through and measures their errors', async () => {
    const output = await evaluateStage.run(
      context,
      {
        prepared: await prepare(['1', '2'], 80, 3),
        outOfDistribution: null,
        trained,
        task: 'tabular-regression',
        classes: [],
        slices: ['field'],
        backend: trained.backend,
        dataset: 'values',
      },
      { thresholds: { acceptance: 0.99 } },
    );
    expect(
      parseValue(output, EvaluateOutput, 'evaluation').metrics.map(({ name }) => name),
    ).toEqual(metricsFor('tabular-regression', false).map(({ name }) => name));
    expect(output.slices.every(({ accuracy, error }) => accuracy === null && error !== null)).toBe(
      true,
    );
    for (const { error, errorSpread } of output.slices) {
      expect(errorSpread?.low).toBeLessThan(error ?? 0);
      expect(errorSpread?.high).toBeGreaterThan(error ?? 0);
    }
    expect(output.profile.classRatios).toEqual({});
  });

  test('bins the properties of photos, measured from the photos in the store', async () => {
    const photos = await Promise.all(Array.from({ length: 12 }, (_, shade) => photo(20 * shade)));
    const rows = await Promise.all(photos.map((bytes) => store.put(bytes)));
    const pixels = await store.put(new Uint8Array(12 * 2));
    const index: PreparedIndex = {
      version: 1,
      dtype: 'uint8',
      shape: [2],
      classes,
      preprocessing: { kind: 'image', size: 1, scale: 1 / 255, offset: 0 },
      shards: [{ artefact: pixels, rows: 12 }],
      rows: rows.map(({ digest }, row) => ({
        id: `photo-${row}`,
        digest,
        split: row < 6 ? 'validation' : 'test',
        label: 'good',
        metadata: {},
      })),
    };
    const artefact = await store.put(new TextEncoder().encode(JSON.stringify(index)));
    const { profile } = await evaluateStage.run(
      context,
      {
        prepared: { index: artefact, shards: [pixels], rows: 12 },
        outOfDistribution: null,
        trained,
        task: 'image-classification',
        classes,
        slices: [],
        backend: trained.backend,
        dataset: 'photos',
      },
      { thresholds: { acceptance: 0.99 } },
    );
    expect(profile.bins.map(({ name }) => name)).toEqual([
      'brightness',
      'contrast',
      'sharpness',
      'red',
      'green',
      'blue',
    ]);
    expect(digestBytes(JSON.stringify(profile))).toMatch(/^sha256:/);
  });
});

function photo(shade: number): Promise<Uint8Array> {
  const background = { r: shade, g: shade, b: shade };
  return sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
}
