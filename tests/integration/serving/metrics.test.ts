import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { digestBytes, hexOf } from '../../../platform/lib/hash.ts';
import type { ServingApp } from '../../../serving/app.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf, watermelon } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

const promtoolFound = spawnSync('promtool', ['--version']).status === 0;
let repository: ModelRepository;
let serving: ServingApp;

beforeEach(async () => {
  repository = await createModelRepository(gourds, pumpkins);
  serving = await serveModels(repository.root, { model: 'pumpkins', feedbackBytes: 12_288 });
});
afterEach(async () => {
  await serving.app.close();
  await repository.remove();
});

const predict = (payload: Buffer) =>
  serving.app.inject({
    method: 'POST',
    url: '/predict',
    payload,
    headers: { 'content-type': 'image/jpeg' },
  });

/** The exposition: series with sorted labels → value. */
async function scrape(): Promise<Map<string, number>> {
  const { body } = await serving.app.inject('/metrics');
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const sorted = (labels.match(/\w+="[^"]*"/g) ?? []).sort().join(',');
      return [`${name}{${sorted}}`, Number(value)];
    }),
  );
}
const series = (name: string, labels: Record<string, string>) => {
  const all = { model: 'pumpkins', version: '0123456789ab', ...labels };
  const text = Object.entries(all).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${text.sort().join(',')}}`;
};

test('every metric in the table is exposed, and no other mainstem metric', async () => {
  const { body } = await serving.app.inject('/metrics');
  const exposed = body.match(/^# TYPE mainstem_\w+ \w+$/gm) ?? [];
  const table = Object.values(metrics).map(({ name, type }) => `# TYPE ${name} ${type}`);
  expect(exposed.sort()).toEqual(table.sort());
});

test('names follow the rules: unit suffix, _total only for counters', () => {
  for (const { name, type } of Object.values(metrics)) {
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_(seconds|ratio|bytes)$/);
  }
});

test.skipIf(!promtoolFound)(
  'promtool has nothing to say about them, process metrics included',
  async () => {
    const { body } = await serving.app.inject('/metrics');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  },
);

test('series that will be counted exist before the first request', async () => {
  const before = await scrape();
  const zero = [
    series(metrics.predictions.name, { class: 'good', accepted: 'true' }),
    series(metrics.refused.name, { reason: 'out-of-distribution' }),
    series(metrics.rejected.name, { reason: 'unreadable' }),
    series(metrics.inputBins.name, { property: 'brightness', bin: '+Inf' }),
    series(metrics.feedback.name, { predicted: 'good', label: 'bad', correct: 'false' }),
  ];
  expect(zero.map((name) => before.get(name))).toEqual(zero.map(() => 0));
});

test('the reference travels with the model', async () => {
  const found = await scrape();
  expect(found.get(series(metrics.referenceSamples.name, {}))).toBe(100);
  expect(
    found.get(series(metrics.referenceBins.name, { property: 'brightness', bin: '128' })),
  ).toBe(0.5);
  expect(found.get(series(metrics.referenceClasses.name, { class: 'ok' }))).toBeCloseTo(1 / 3);
  const info = [...found.keys()].find((name) => name.startsWith(`${metrics.modelInfo.name}{`));
  expect(info).toContain('commit="0123456789abcdef');
});

test('answers, refusals, rejections, bins and stages are counted', async () => {
  await predict(await photoOf('good'));
  await predict(await photoOf('bad'));
  await predict(await photoOf(watermelon));
  await predict(Buffer.from('no photo'));
  const found = await scrape();
  const value = (name: string, labels: Record<string, string>) => found.get(series(name, labels));
  expect(value(metrics.predictions.name, { class: 'good', accepted: 'true' })).toBe(1);
  expect(value(metrics.predictions.name, { class: 'bad', accepted: 'true' })).toBe(1);
  expect(value(metrics.refused.name, { reason: 'out-of-distribution' })).toBe(1);
  expect(value(metrics.rejected.name, { reason: 'unreadable' })).toBe(1);
  expect(value(`${metrics.confidence.name}_count`, {})).toBe(2);
  expect(value(metrics.inputBins.name, { property: 'brightness', bin: '64' })).toBe(1);
  expect(value(metrics.inputBins.name, { property: 'score', bin: '-2' })).toBe(1);
  for (const stage of ['preprocess', 'infer', 'postprocess']) {
    expect(value(`${metrics.stageDuration.name}_count`, { stage })).toBe(3);
  }
  const requests = `${metrics.requests.name}{code="200",method="POST",route="/predict"}`;
  expect(found.get(requests)).toBe(3);
});

test('a tensor that breaks the protocol is counted as rejected', async () => {
  const inputs = [{ name: 'input', datatype: 'FP32', shape: [1], data: [1] }];
  const url = '/v2/models/gourds/infer';
  await serving.app.inject({ method: 'POST', url, payload: { inputs } });
  const found = await scrape();
  const labels = { model: 'gourds', reason: 'schema' };
  expect(found.get(series(metrics.rejected.name, labels))).toBe(1);
});

test('unknown addresses share one route', async () => {
  await serving.app.inject('/a');
  await serving.app.inject('/b');
  const found = await scrape();
  expect(found.get(`${metrics.requests.name}{code="404",method="GET",route="none"}`)).toBe(2);
});

describe('POST /feedback', () => {
  const correct = (label: string, content: Uint8Array<ArrayBuffer>, headers = {}) => {
    const form = new FormData();
    form.append('label', label);
    form.append('file', new Blob([content]), 'photo.jpg');
    return serving.app.inject({ method: 'POST', url: '/feedback', payload: form, headers });
  };
  const folder = (label: string) => join(repository.root, '.mainstem/feedback/pumpkins', label);

  test('stores photo and line once, and counts the predicted and the right class', async () => {
    const photo = await photoOf('good');
    const first = await correct('bad', photo);
    expect(first.statusCode).toBe(201);
    expect(first.json()).toEqual({ stored: true, digest: digestBytes(photo), label: 'bad' });
    expect((await correct('bad', photo)).json()).toMatchObject({ stored: false });
    const hex = hexOf(digestBytes(photo));
    expect(await readdir(folder('bad'))).toEqual([`${hex}.jpg`]);
    expect(await readFile(join(folder('bad'), `${hex}.jpg`))).toEqual(photo);
    const today = `${new Date().toISOString().slice(0, 10)}.jsonl`;
    const line = JSON.parse(await readFile(join(folder('.'), today), 'utf8'));
    expect(line).toMatchObject({ label: 'bad', predicted: 'good', version: '0123456789ab' });
    const found = await scrape();
    const counted = { predicted: 'good', label: 'bad', correct: 'false' };
    expect(found.get(series(metrics.feedback.name, counted))).toBe(1);
    expect(found.get(series(metrics.predictions.name, { class: 'good', accepted: 'true' }))).toBe(
      0,
    );
    expect(found.get(`${metrics.feedbackStored.name}{}`)).toBeGreaterThan(photo.length);
  });

  test('a form without a label is refused with what it lacks', async () => {
    const response = await correct('', await photoOf('good'));
    expect(response.json()).toMatchObject({
      ...{ status: 400, code: 'REQUEST_INVALID' },
      detail: expect.stringContaining('the field label'),
    });
  });

  test.each(['turnip', '../../etc', ' '])('label "%s" is refused', async (label) => {
    const response = await correct(label, await photoOf('good'));
    expect(response.json()).toMatchObject({ status: 422, code: 'FEEDBACK_LABEL_UNKNOWN' });
  });

  test('a file that is not a photo is not stored', async () => {
    const response = await correct('bad', Buffer.from('no photo'));
    expect(response.json()).toMatchObject({ status: 422, code: 'IMAGE_UNREADABLE' });
    await expect(readdir(folder('bad'))).rejects.toThrow('ENOENT');
  });

  test('another web site cannot send it', async () => {
    const response = await correct('bad', await photoOf('good'), {
      'sec-fetch-site': 'cross-site',
    });
    expect(response.json()).toMatchObject({ status: 403, code: 'REQUEST_CROSS_SITE' });
  });

  test('stops at the limit of disk space', async () => {
    const noise = await noisyPhoto();
    expect(noise.length).toBeGreaterThan(12_288);
    const response = await correct('bad', noise);
    expect(response.json()).toMatchObject({ status: 507, code: 'FEEDBACK_FULL' });
  });

  test('a row of a table is a line of JSON', async () => {
    const response = await serving.app.inject({
      method: 'POST',
      url: '/models/gourds/feedback',
      payload: { row: { weight: 9 }, label: 'small' },
    });
    expect(response.statusCode).toBe(201);
    const gourds = join(repository.root, '.mainstem/feedback/gourds');
    const [name = '', ...others] = await readdir(gourds);
    expect(others).toEqual([]);
    expect(JSON.parse(await readFile(join(gourds, name), 'utf8'))).toMatchObject({
      row: { weight: 9 },
      label: 'small',
      predicted: 'big',
    });
  });
});

async function noisyPhoto(): Promise<Buffer<ArrayBuffer>> {
  const { default: sharp } = await import('sharp');
  const noise = { type: 'gaussian', mean: 120, sigma: 60 } as const;
  const create = { width: 200, height: 200, channels: 3, background: '#000', noise } as const;
  return Buffer.from(await sharp({ create }).jpeg({ quality: 100 }).toBuffer());
}

describe('what was promoted is what is served', () => {
  test('a record that changed after promotion is rejected', async () => {
    const path = join(repository.root, 'models/pumpkins/records/0123456789ab.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"classes"', '"note": 1, "classes"'));
    await expect(serveModels(repository.root)).rejects.toMatchObject({
      code: 'MODEL_RECORD_CHANGED',
    });
  });

  test('a folder without a promoted model is rejected with what to do', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'mainstem-empty-'));
    const refused = expect(serveModels(empty)).rejects;
    await refused.toMatchObject({
      code: 'SERVING_NO_MODEL',
      hint: expect.stringContaining('promote'),
    });
    await rm(empty, { recursive: true });
  });

  test('a model that is not promoted cannot be the default', async () => {
    await expect(serveModels(repository.root, { model: 'turnips' })).rejects.toMatchObject({
      code: 'SERVING_NO_MODEL',
    });
  });
});
