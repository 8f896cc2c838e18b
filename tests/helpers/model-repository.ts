import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestJson, hexOf } from '../../platform/lib/hash.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { recordDigest } from '../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord } from '../../platform/schemas/index.ts';
import { openStore } from '../../platform/storage/index.ts';

const fixtures = new URL('../fixtures/models/', import.meta.url);

/** The class colours of `colours.onnx`, as shares of 255; its embedding is a photo's mean colour. */
export const colours = {
  good: [1, 0.55, 0.1],
  ok: [0.9, 0.85, 0.2],
  bad: [0.25, 0.18, 0.1],
} as const;

/** A folder with promoted models, as the server reads it. Remove it with `remove`. */
export interface ModelRepository {
  readonly root: string;
  /** Promotes another version of a model: same bytes, another run. */
  promote(record: ModelRecord): Promise<ModelPointer>;
  remove(): Promise<void>;
}

/** What differs between the fixture models. */
export type RecordPart = Pick<
  ModelRecord,
  'model' | 'task' | 'classes' | 'preprocessing' | 'page' | 'features'
> & {
  /** The name of a file among the fixtures, or its bytes. */
  readonly onnx: 'colours' | 'table' | 'regression' | Uint8Array;
  readonly outOfDistribution: ModelRecord['evaluation']['outOfDistribution'];
  readonly bins: ModelRecord['evaluation']['profile']['bins'];
  readonly slices?: readonly SliceOfRecord[];
};
type SliceOfRecord = ModelRecord['evaluation']['slices'][number];

/** Classifies pumpkins as good, ok or bad by their mean colour; refuses other colours. */
export const pumpkins: RecordPart = {
  model: 'pumpkins',
  task: 'image-classification',
  classes: ['good', 'ok', 'bad'],
  onnx: 'colours',
  preprocessing: { kind: 'image', size: 16, scale: 1 / 255, offset: 0 },
  page: {
    title: 'Is this pumpkin good?',
    intro: 'Take a photo of one pumpkin, or drop a few.',
    classes: { good: 'good: sell it', ok: 'good enough to eat', bad: 'bad' },
    refusal:
      'This does not look like a pumpkin from our fields. Try one pumpkin, close and in daylight.',
  },
  outOfDistribution: {
    method: 'distance',
    threshold: -1.5,
    acceptance: 0.98,
    auroc: 0.99,
    fpr95: 0.02,
    refused: { value: 0.97, low: 0.93, high: 0.99, count: 150 },
    distance: {
      means: Object.values(colours).map((colour) => [...colour]),
      whitening: [
        [8, 0, 0],
        [0, 8, 0],
        [0, 0, 8],
      ],
    },
  },
  slices: [lightOf('sun', 0.96, 60), lightOf('lamp', 0.9, 20)],
  bins: [
    { name: 'brightness', kind: 'number', edges: [64, 128, 192], ratios: [0.2, 0.5, 0.25, 0.05] },
    { name: 'score', kind: 'number', edges: [-2, -1], ratios: [0.02, 0.18, 0.8] },
  ],
};

/** Two columns, two classes: a heavy one is `big`. */
export const gourds: RecordPart = {
  model: 'gourds',
  task: 'tabular-classification',
  classes: ['big', 'small'],
  onnx: 'table',
  preprocessing: {
    kind: 'table',
    columns: [
      { name: 'weight', kind: 'number', mean: 4, deviation: 2 },
      { name: 'colour', kind: 'category', values: ['orange', 'green'] },
    ],
  },
  page: {
    title: 'Which gourd is it?',
    intro: 'Weigh it and look at it.',
    classes: { big: 'a big one', small: 'a small one' },
    refusal: 'No gourd has such numbers.',
  },
  outOfDistribution: null,
  bins: [
    {
      name: 'colour',
      kind: 'category',
      edges: ['orange', 'green', 'other'],
      ratios: [0.6, 0.4, 0],
    },
  ],
};

/** The same, but it refuses every row. */
export const melons: RecordPart = {
  ...gourds,
  model: 'melons',
  outOfDistribution: {
    ...{ method: 'energy', threshold: 1e6, acceptance: 0.95, auroc: null, fpr95: null },
    ...{ refused: null, distance: null },
  },
};

/** Two columns as in the model of classes, but the answer is a number. */
export const prices: RecordPart = {
  ...gourds,
  model: 'prices',
  task: 'tabular-regression',
  classes: [],
  onnx: 'regression',
  page: { title: 'What is it worth?', intro: 'In euros.', classes: {}, refusal: 'Cannot say.' },
};

/** Writes models as a promotion would: ONNX in the store, record and pointer under `models`. */
export async function createModelRepository(
  ...parts: readonly RecordPart[]
): Promise<ModelRepository> {
  const root = await mkdtemp(join(tmpdir(), 'mainstem-models-'));
  const store = openStore(root);
  const promote = (record: ModelRecord) => writePromotion(root, record);
  for (const part of parts) {
    const bytes =
      typeof part.onnx === 'string'
        ? await readFile(new URL(`${part.onnx}.onnx`, fixtures))
        : part.onnx;
    const onnx = await store.put(bytes, 'application/onnx');
    await promote(buildRecord(part, onnx));
  }
  return { root, promote, remove: () => rm(root, { recursive: true, force: true }) };
}

async function writePromotion(root: string, record: ModelRecord): Promise<ModelPointer> {
  const folder = join(root, 'models', record.model);
  const path = join(folder, 'records', `${record.run}.json`);
  await writeJson(path, record);
  const pointer: ModelPointer = {
    version: 1,
    model: record.model,
    run: record.run,
    record: recordDigest(record),
    onnx: record.package.onnx.digest,
    gates: [{ gate: 'accuracy ≥ 0.9', passed: true, message: 'accuracy 0.95 ≥ 0.9' }],
    champion: null,
  };
  await writeJson(join(folder, 'production.json'), pointer);
  return pointer;
}

/** A whole model record around the parts that matter to a server. */
export function buildRecord(
  part: RecordPart,
  onnx: ModelRecord['package']['onnx'],
  run = '0123456789ab',
): ModelRecord {
  const digest = digestJson(part.model);
  const artefact = { digest, bytes: 1, mediaType: 'application/octet-stream' };
  const backend = { name: 'wasm', class: 'wasm', deterministic: true, reason: 'fixture' } as const;
  const share = part.classes.length === 0 ? 0 : 1 / part.classes.length;
  return {
    version: 1,
    model: part.model,
    run,
    key: `sha256:${run}${hexOf(digest).slice(run.length)}`,
    task: part.task,
    classes: part.classes,
    createdAt: '2026-11-01T08:00:00.000Z',
    commit: '0123456789abcdef0123456789abcdef01234567',
    dirty: false,
    data: { [part.model]: digest },
    parameters: {},
    stages: {},
    preprocessing: part.preprocessing,
    ...(part.features && { features: part.features }),
    prepared: { index: artefact, shards: [artefact], rows: 1 },
    training: {
      topology: artefact,
      weights: artefact,
      backend,
      epochs: [],
      bestEpoch: 1,
      stopped: 'epochs',
      weightCount: 12,
      trainedRows: 100,
    },
    evaluation: {
      metrics: [],
      perClass: [],
      confusion: [],
      slices: [...(part.slices ?? [])],
      temperature: 1,
      outOfDistribution: part.outOfDistribution,
      fit: { verdict: 'good', message: 'fixture' },
      predictions: artefact,
      profile: {
        version: 1,
        samples: 100,
        classRatios: Object.fromEntries(part.classes.map((name) => [name, share])),
        expectedAccuracy: part.classes.length > 0 ? 0.94 : null,
        accuracy: part.classes.length > 0 ? 0.95 : null,
        refusedRatio: 0.02,
        bins: part.bins,
      },
    },
    package: {
      onnx,
      parity: { examples: 100, maxDifference: 1e-7, classesDiffer: 0 },
      latencyMs: { p50: 0.1, p95: 0.2 },
    },
    page: part.page,
  };
}

/** What a test split found in a light. */
function lightOf(value: string, accuracy: number, count: number): SliceOfRecord {
  const found = { value: accuracy, low: accuracy - 0.1, high: 1, count };
  return { slice: 'light', value, accuracy: found, error: null, count };
}
