import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { readFeedback } from '../../../pipeline/operations/read-feedback.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { lockProject, readExamples } from '../../../platform/storage/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { createDataRepository } from '../../fixtures/data-repository.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
let serving: ServingApp | undefined;
const now = () => new Date('2026-11-26T22:00:00.000Z');

beforeEach(async () => {
  repository = await createModelRepository(gourds, pumpkins);
});
afterEach(async () => {
  await serving?.app.close();
  await repository.remove();
});

async function serve(settings = {}) {
  serving = await serveModels(repository.root, { model: 'pumpkins', ...settings }, now);
  return serving.app;
}
type App = Awaited<ReturnType<typeof serve>>;

function correct(app: App, photo: Uint8Array<ArrayBuffer>, label = 'bad') {
  const form = new FormData();
  form.append('label', label);
  form.append('file', new Blob([photo]), 'photo.jpg');
  return app.inject({ method: 'POST', url: '/feedback', payload: form });
}

const correctRow = (app: App, weight: number) =>
  app.inject({
    method: 'POST',
    url: '/models/gourds/feedback',
    payload: { row: { weight }, label: 'small' },
  });

test('the same photo sent forty times at once is stored and counted once', async () => {
  const app = await serve();
  const photo = await photoOf('good');
  const answers = await Promise.all(Array.from({ length: 40 }, () => correct(app, photo)));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(40).fill(201));
  expect(answers.filter((answer) => answer.json().stored)).toHaveLength(1);
  expect(await metricOf({ app }, metrics.feedback.name, { model: 'pumpkins' })).toBe(1);
  expect(await metricOf({ app }, metrics.feedbackStored.name)).toBe(8192);
  expect(await metricOf({ app }, metrics.feedbackFiles.name)).toBe(2);
});

test('what is judged counts for the slices that the sender names, and for the rest of a slice where the value is new', async () => {
  const app = await serve();
  const send = async (colour: 'good' | 'ok' | 'bad', label: string, slices?: string) => {
    const form = new FormData();
    form.append('label', label);
    if (slices !== undefined) form.append('slices', slices);
    form.append('file', new Blob([await photoOf(colour)]), 'photo.jpg');
    return app.inject({ method: 'POST', url: '/feedback', payload: form });
  };
  const counted = (value: string, correct: boolean) =>
    metricOf({ app }, metrics.sliceFeedback.name, {
      ...{ model: 'pumpkins', version: '0123456789ab' },
      ...{ slice: 'light', value, correct: `${correct}` },
    });
  expect((await send('good', 'good', '{"light":"sun"}')).statusCode).toBe(201);
  expect((await send('ok', 'bad', '{"light":"moon"}')).statusCode).toBe(201);
  expect((await send('bad', 'bad')).statusCode).toBe(201);
  expect([await counted('sun', true), await counted('sun', false)]).toEqual([1, 0]);
  expect([await counted('other', true), await counted('other', false)]).toEqual([0, 1]);
  expect(await metricOf({ app }, metrics.sliceFeedback.name), 'no other series').toBe(2);
  expect(await metricOf({ app }, metrics.referenceSlices.name)).toBeCloseTo(0.96 + 0.9);
  for (const slices of ['{"camera":"phone"}', '{"light":7}', '[]', 'sun'])
    expect((await send('good', 'bad', slices)).statusCode, slices).toBe(400);
  expect((await send('good', 'bad', '{"camera":"phone"}')).json().detail).toContain(
    '"camera" is not a slice: known are light',
  );
});

test('a correction of a version that is gone is kept as its own and counts for none; what is no version is refused', async () => {
  const app = await serve();
  const whole = await photoOf('bad');
  const send = (version: string, photo = whole) => {
    const form = new FormData();
    form.append('label', 'ok');
    form.append('version', version);
    form.append('file', new Blob([photo]), 'photo.jpg');
    return app.inject({ method: 'POST', url: '/feedback', payload: form });
  };
  for (const version of ['zzz', '../../x', '0123456789AB', '0123456789abc']) {
    const response = await send(version);
    expect(response.statusCode, version).toBe(400);
    expect(response.json().detail).toContain(`"version" is ${version}`);
  }
  // What the model in production cannot take is refused, whoever is said to have answered.
  const half = whole.subarray(0, whole.length / 2);
  expect((await send('ffffffffffff', half)).statusCode).toBe(422);
  const row = { row: { weight: 'much', tail: 1 }, label: 'small', version: 'ffffffffffff' };
  const sent = { method: 'POST', url: '/models/gourds/feedback', payload: row } as const;
  expect((await app.inject(sent)).statusCode).toBe(422);
  expect((await send('ffffffffffff')).json()).toMatchObject({ stored: true, label: 'ok' });
  expect(await metricOf({ app }, metrics.feedback.name, { model: 'pumpkins' })).toBe(0);
  const { lines } = await readFeedback(join(repository.root, '.mainstem/feedback/pumpkins'));
  expect(lines).toMatchObject([{ version: 'ffffffffffff', predicted: '', label: 'ok' }]);
  expect((await send('0123456789ab')).json()).toMatchObject({ stored: false, label: 'ok' });
});

test('what the sender says of an example is kept beside its label, and nothing where nothing is said', async () => {
  const app = await serve({ predictionLog: 'full' });
  const send = async (colour: 'good' | 'bad', slices?: object) => {
    const form = new FormData();
    form.append('label', 'ok');
    if (slices) form.append('slices', JSON.stringify(slices));
    form.append('file', new Blob([await photoOf(colour)]), 'photo.jpg');
    return app.inject({ method: 'POST', url: '/feedback', payload: form });
  };
  expect((await send('good', { light: 'half-moon' })).statusCode).toBe(201);
  expect((await send('bad', {})).statusCode).toBe(201);
  const refused = [{ light: 'x'.repeat(201) }, { owner: 'Jen' }, { light: { at: 'noon' } }];
  for (const slices of refused) expect((await send('bad', slices)).statusCode).toBe(400);
  const headers = { 'content-type': 'image/jpeg' };
  const payload = await photoOf('ok');
  const { id } = (await app.inject({ method: 'POST', url: '/predict', headers, payload })).json();
  const byId = { id, label: 'bad', slices: { light: 'sun' } };
  const named = await app.inject({ method: 'POST', url: '/feedback', payload: byId });
  expect(named.statusCode).toBe(201);
  const folder = join(repository.root, '.mainstem/feedback/pumpkins');
  const { lines, damaged } = await readFeedback(folder);
  expect(damaged).toBe(0);
  const kept = lines.map(({ slices }) => slices);
  expect(kept).toEqual([{ light: 'half-moon' }, undefined, { light: 'sun' }]);
});

test('beyond the corrections of a day the answer is 429 with the time until the next', async () => {
  const app = await serve({ feedbackDaily: 2 });
  const stored = [await correctRow(app, 1), await correctRow(app, 2), await correctRow(app, 3)];
  expect(stored.map(({ statusCode }) => statusCode)).toEqual([201, 201, 429]);
  expect(stored[2]?.headers).toMatchObject({
    'retry-after': '7200',
    'content-type': expect.stringContaining('application/problem+json'),
  });
  expect(stored[2]?.json()).toMatchObject({ code: 'FEEDBACK_DAILY_LIMIT', status: 429 });
  const other = await correct(app, await photoOf('good'));
  expect(other.statusCode).toBe(201);
  expect(other.headers['retry-after']).toBeUndefined();
});

test('two corrections at once do not pass a limit that one of them reaches', async () => {
  const app = await serve({ feedbackDaily: 1 });
  const answers = await Promise.all([1, 2, 3, 4].map((weight) => correctRow(app, weight)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 429, 429, 429]);
});

test('a full folder is answered before the body is read', async () => {
  const app = await serve({ feedbackBytes: 4096 });
  expect((await correctRow(app, 1)).statusCode).toBe(201);
  const unreadable = await app.inject({
    method: 'POST',
    url: '/models/gourds/feedback',
    payload: '{"not": "JSON',
    headers: { 'content-type': 'application/json' },
  });
  expect(unreadable.json()).toMatchObject({ code: 'FEEDBACK_FULL', status: 507 });
});

test('a server that others can reach takes no corrections unless it was asked to', async () => {
  const app = await serve({ host: '0.0.0.0', access: 'open' });
  expect((await correct(app, await photoOf('good'))).json()).toMatchObject({
    code: 'FEEDBACK_OFF',
    status: 403,
  });
  const models: { feedback: boolean }[] = (await app.inject('/models')).json();
  expect(models.map(({ feedback }) => feedback)).toEqual([false, false]);
  await expect(readdir(join(repository.root, '.mainstem/feedback'))).rejects.toThrow('ENOENT');
});

test('corrected photos can be trained on: their folder is a dataset of the right labels', async () => {
  const app = await serve();
  const sent = { bad: await photoOf('good'), ok: await photoOf('bad') };
  for (const [label, photo] of Object.entries(sent)) await correct(app, photo, label);
  const data = await createDataRepository();
  try {
    const feedback = join(repository.root, '.mainstem/feedback/pumpkins');
    await cp(feedback, data.path('.'), { recursive: true });
    const { fruit } = (await lockProject(data.workspace, data.store, data.project)).datasets;
    if (!fruit) throw new Error('fruit is locked');
    const examples = await readExamples(data.store, fruit, data.project.definition);
    expect(Object.fromEntries(examples.map(({ label, digest }) => [label, digest]))).toEqual({
      bad: digestBytes(sent.bad),
      ok: digestBytes(sent.ok),
    });
    expect(examples).toHaveLength(2);
  } finally {
    await data.remove();
  }
});

test('one row may stand in a list, several are refused as none are expected', async () => {
  const app = await serve();
  const send = (row: unknown) =>
    app.inject({
      method: 'POST',
      url: '/models/gourds/feedback',
      payload: { row, label: 'small' },
    });
  expect((await send([{ weight: 1 }])).statusCode).toBe(201);
  for (const row of [[], [{ weight: 1 }, { weight: 2 }], [null, null]]) {
    expect((await send(row)).json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  }
});
