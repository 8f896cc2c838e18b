import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { digestBytes, digestJson, hexOf } from '../../../platform/lib/hash.ts';
import { timeOfId } from '../../../platform/lib/prediction-id.ts';
import { findSchemaFault } from '../../../platform/lib/schema-fault.ts';
import { LoggedPrediction } from '../../../platform/schemas/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
let serving: ServingApp | undefined;
const noon = new Date('2026-11-26T12:00:00.000Z');

beforeEach(async () => {
  repository = await createModelRepository(gourds, prices, pumpkins);
});
afterEach(async () => {
  await serving?.app.close();
  serving = undefined;
  await repository.remove();
});

async function serve(settings = {}, now = () => noon) {
  serving = await serveModels(repository.root, { model: 'pumpkins', ...settings }, now);
  return serving.app;
}
type App = Awaited<ReturnType<typeof serve>>;
const full = { predictionLog: 'full' };

async function predictPhoto(app: App, photo: Buffer) {
  const headers = { 'content-type': 'image/jpeg' };
  const answer = await app.inject({ method: 'POST', url: '/predict', payload: photo, headers });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}
async function predictRows(app: App, payload: object, model = 'gourds') {
  const answer = await app.inject({ method: 'POST', url: `/models/${model}/predict`, payload });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}
const label = (app: App, payload: object, model = 'pumpkins') =>
  app.inject({ method: 'POST', url: `/models/${model}/feedback`, payload });

const folder = () => join(repository.root, '.mainstem/predictions');

/** Every line of the log, once the server has ended. */
async function logged(model: string) {
  await serving?.app.close();
  serving = undefined;
  return linesIn(join(folder(), model));
}

async function linesIn(path: string) {
  const names = (await readdir(path)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

const outcome = (app: App, name: string) =>
  metricOf({ app }, metrics.predictionLogLines.name, { outcome: name });

describe('ids', () => {
  test('every answer has one of its own, which says when it was given', async () => {
    const app = await serve();
    const answers = [
      await predictRows(app, { weight: 9 }),
      await predictRows(app, { weight: 9 }),
      await predictPhoto(app, await photoOf('good')),
    ];
    const ids = answers.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map(timeOfId)).toEqual([noon, noon, noon].map((time) => time.getTime()));
  });

  test('under /v2 the caller gets its own id back, whatever it is, and else one as elsewhere', async () => {
    const app = await serve(full);
    const inputs = [{ name: 'input', shape: [1, 3], datatype: 'FP32', data: [1, 0, 1] }];
    const infer = async (more: object) => {
      const payload = { inputs, ...more };
      const url = '/v2/models/gourds/infer';
      const answer = await app.inject({ method: 'POST', url, payload });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json().id;
    };
    const long = 'é'.repeat(5000);
    for (const id of ['harvest 7', '', long]) expect(await infer({ id })).toBe(id);
    expect(timeOfId(await infer({}))).toBe(noon.getTime());
    const ids = (await logged('gourds')).map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(['harvest 7', '', digestBytes(long)]);
  });
});

describe('the prediction log', () => {
  test('is off unless it is asked for', async () => {
    const app = await serve();
    await predictRows(app, { weight: 9 });
    await app.close();
    await expect(readdir(folder())).rejects.toThrow('ENOENT');
  });

  test('has a line for each input, with digests and never the photo', async () => {
    const app = await serve(full);
    const photo = await photoOf('good');
    const { id, results } = await predictPhoto(app, photo);
    const rows = [{ weight: 9 }, { weight: 1, colour: 'orange' }];
    const many = await predictRows(app, rows);
    const number = await predictRows(app, { weight: 2 }, 'prices');
    const [line, ...others] = await logged('pumpkins');
    expect(others).toEqual([]);
    expect(line).toEqual({
      ...{ id, index: 0, inputs: 1, at: noon.toISOString() },
      ...{ model: 'pumpkins', version: '0123456789ab', kind: 'photo' },
      ...{ digest: digestBytes(photo), class: 'good', value: null },
      probabilities: results[0].probabilities,
      ...{ score: results[0].score, accepted: true, bins: [expect.any(Number), 2] },
      ms: expect.any(Number),
    });
    expect(line.ms).toBeGreaterThan(0);
    const two = await linesIn(join(folder(), 'gourds'));
    expect(two).toMatchObject([
      { id: many.id, index: 0, inputs: 2, kind: 'row', digest: digestJson(rows[0]), class: 'big' },
      {
        id: many.id,
        index: 1,
        inputs: 2,
        kind: 'row',
        digest: digestJson(rows[1]),
        class: 'small',
      },
    ]);
    const [price] = await linesIn(join(folder(), 'prices'));
    expect(price).toMatchObject({ class: null, value: number.results[0].value, probabilities: {} });
    for (const one of [line, ...two, price]) {
      expect(findSchemaFault(LoggedPrediction, one)).toBeNull();
      expect(one).not.toHaveProperty('row');
    }
  });

  test('keeps the values of rows only where it is asked to', async () => {
    const app = await serve({ ...full, predictionInputs: 'values' });
    await predictRows(app, { weight: 9, colour: null });
    expect(await logged('gourds')).toMatchObject([{ row: { weight: 9, colour: null } }]);
  });

  test('keeps tensors by digest and photos of the protocol like others', async () => {
    const app = await serve(full);
    const photo = await photoOf('good');
    const data = Array.from({ length: 2 * 16 * 16 * 3 }, (_, at) => (at % 256) / 256);
    const infer = async (input: object) => {
      const url = '/v2/models/pumpkins/infer';
      const answer = await app.inject({ method: 'POST', url, payload: { inputs: [input] } });
      expect(answer.statusCode, answer.body).toBe(200);
    };
    await infer({ name: 'input', shape: [2, 16, 16, 3], datatype: 'FP32', data });
    const base64 = photo.toString('base64');
    await infer({ name: 'image', shape: [1], datatype: 'BYTES', data: [base64] });
    const numbers = new Uint8Array(Float32Array.from(data).buffer);
    const half = numbers.length / 2;
    expect(await logged('pumpkins')).toMatchObject([
      { kind: 'tensor', index: 0, inputs: 2, digest: digestBytes(numbers.subarray(0, half)) },
      { kind: 'tensor', index: 1, inputs: 2, digest: digestBytes(numbers.subarray(half)) },
      { kind: 'photo', index: 0, inputs: 1, digest: digestBytes(photo), class: 'good' },
    ]);
  });

  test('of a sample holds about the share', async () => {
    const app = await serve({ predictionLog: 'sample', predictionShare: 0.25 });
    for (let n = 0; n < 400; n++) await predictRows(app, { weight: 9 });
    const lines = await logged('gourds');
    // Six standard deviations: wrong once in half a billion runs.
    expect(lines.length).toBeGreaterThan(48);
    expect(lines.length).toBeLessThan(152);
  });

  test('has no line for what was not answered', async () => {
    const app = await serve(full);
    const headers = { 'content-type': 'image/jpeg' };
    const bad = await app.inject({ method: 'POST', url: '/predict', payload: 'no photo', headers });
    expect(bad.statusCode).toBe(422);
    await app.close();
    await expect(readdir(folder())).rejects.toThrow('ENOENT');
  });

  test('of a killed server goes on after the torn line, which is lost alone', async () => {
    let app = await serve(full);
    await predictRows(app, { weight: 9 });
    await app.close();
    const path = join(folder(), 'gourds', '2026-11-26-1.jsonl');
    await writeFile(path, '{"id":"torn","index":0,"inp', { flag: 'a' });
    app = await serve(full);
    const { id } = await predictRows(app, { weight: 1 });
    expect((await label(app, { id: 'torn', label: 'big' }, 'gourds')).statusCode).toBe(404);
    expect((await label(app, { id, label: 'big' }, 'gourds')).statusCode).toBe(201);
    const [first, torn, last, ...others] = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(others).toEqual([]);
    expect(torn).toBe('{"id":"torn","index":0,"inp');
    expect([first, last].map((line) => JSON.parse(line ?? '').class)).toEqual(['big', 'small']);
  });

  test('is written without a request that asks for it, and its lines and bytes are counted', async () => {
    const app = await serve(full);
    await predictRows(app, { weight: 9 });
    expect(await outcome(app, 'written')).toBe(0);
    await expect.poll(() => outcome(app, 'written'), { timeout: 5000 }).toBe(1);
    expect(await metricOf({ app }, metrics.predictionLogStored.name)).toBe(4096);
  });
});

describe('a disk that does not take the log', () => {
  test('fails no prediction, is counted and told of once, and taken up again when it works', async () => {
    const app = await serve(full);
    const said: string[] = [];
    Object.assign(app.log, {
      error: (_: Error, text: string) => said.push(text),
      info: (text: string) => said.push(text),
    });
    await mkdir(join(repository.root, '.mainstem'), { recursive: true });
    await writeFile(folder(), 'a file where the folder should be');
    for (let n = 1; n <= 2; n++) {
      await predictRows(app, { weight: 9 });
      await expect.poll(() => outcome(app, 'disk'), { timeout: 5000 }).toBe(n);
    }
    await rm(folder());
    const { id } = await predictRows(app, { weight: 9 });
    expect((await label(app, { id, label: 'small' }, 'gourds')).statusCode).toBe(201);
    expect(await outcome(app, 'written')).toBe(1);
    expect(said.filter((text) => /prediction log/.test(text))).toEqual([
      'the prediction log cannot be written',
      'the prediction log is written again',
    ]);
  });

  test('costs a server that stops nothing but the lines', async () => {
    await mkdir(join(repository.root, '.mainstem'), { recursive: true });
    await writeFile(folder(), 'a file where the folder should be');
    const app = await serve(full);
    await predictRows(app, { weight: 9 });
    await app.close();
    expect(await readFile(folder(), 'utf8')).toContain('a file');
  });
});

describe('a label by id', () => {
  const journal = (model: string) => linesIn(join(repository.root, '.mainstem/feedback', model));

  test('is a correction of what the server answered, for a photo that it does not have', async () => {
    const app = await serve(full);
    const photo = await photoOf('good');
    const { id } = await predictPhoto(app, photo);
    const answer = await label(app, { id, label: 'bad' });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json()).toEqual({ stored: true, digest: digestBytes(photo), label: 'bad' });
    expect((await label(app, { id, label: 'bad' })).json().stored).toBe(false);
    expect(await journal('pumpkins')).toEqual([
      {
        ...{ id, index: 0, model: 'pumpkins', version: '0123456789ab', label: 'bad' },
        ...{ digest: digestBytes(photo), predicted: 'good', accepted: true },
        at: noon.toISOString(),
      },
    ]);
    const said = { predicted: 'good', label: 'bad', correct: 'false' };
    const counted = { model: 'pumpkins', version: '0123456789ab', ...said };
    expect(await metricOf({ app }, metrics.feedback.name, counted)).toBe(1);
  });

  test('moves a photo that an earlier correction brought', async () => {
    const app = await serve(full);
    const photo = await photoOf('good');
    const form = new FormData();
    form.append('label', 'ok');
    form.append('file', new Blob([photo]), 'photo.jpg');
    await app.inject({ method: 'POST', url: '/feedback', payload: form });
    const { id } = await predictPhoto(app, photo);
    expect((await label(app, { id, label: 'bad' })).json().stored).toBe(true);
    const kept = join(repository.root, '.mainstem/feedback/pumpkins');
    expect(await readdir(join(kept, 'ok'))).toEqual([]);
    expect(await readdir(join(kept, 'bad'))).toEqual([`${hexOf(digestBytes(photo))}.jpg`]);
    expect(await metricOf({ app }, metrics.feedbackFiles.name)).toBe(2);
  });

  test('brings the row along where values are kept', async () => {
    const app = await serve({ ...full, predictionInputs: 'values' });
    const { id } = await predictRows(app, [{ weight: 1 }, { weight: 9 }]);
    const answer = await label(app, { id, index: 1, label: 'small' }, 'gourds');
    expect(answer.statusCode, answer.body).toBe(201);
    expect(await journal('gourds')).toMatchObject([
      { id, index: 1, row: { weight: 9 }, predicted: 'big', label: 'small' },
    ]);
  });

  test('needs to say which input of several is meant', async () => {
    const app = await serve(full);
    const { id } = await predictRows(app, [{ weight: 1 }, { weight: 9 }]);
    const vague = await label(app, { id, label: 'small' }, 'gourds');
    expect(vague.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(vague.json().detail).toContain('0 to 1');
    const beyond = await label(app, { id, index: 2, label: 'small' }, 'gourds');
    expect(beyond.json()).toMatchObject({ status: 404, code: 'FEEDBACK_ID_UNKNOWN' });
  });

  test('survives a restart', async () => {
    const { id } = await predictRows(await serve(full), { weight: 9 });
    await serving?.app.close();
    const answer = await label(await serve(full), { id, label: 'small' }, 'gourds');
    expect(answer.statusCode, answer.body).toBe(201);
  });

  test('of a caller is found, also a long one, and of two answers the newer counts', async () => {
    const app = await serve(full);
    const data = { big: [3, 0, 0], small: [-3, 0, 0] };
    const id = `${'7'.repeat(300)}"\\`;
    const predicted: string[] = [];
    for (const values of Object.values(data)) {
      const inputs = [{ name: 'input', shape: [1, 3], datatype: 'FP32', data: values }];
      const url = '/v2/models/gourds/infer';
      const answer = await app.inject({ method: 'POST', url, payload: { id, inputs } });
      predicted.push(answer.json().outputs[0].data[0]);
    }
    expect(new Set(predicted).size).toBe(2);
    expect((await label(app, { id, label: 'other' }, 'gourds')).statusCode).toBe(201);
    expect(await journal('gourds')).toMatchObject([{ predicted: predicted[1] }]);
  });

  test('is unknown where the log was deleted, and refused for now where it cannot be read', async () => {
    const app = await serve(full);
    const { id } = await predictRows(app, { weight: 9 });
    expect((await label(app, { id, label: 'small' }, 'gourds')).statusCode).toBe(201);
    await rm(join(folder(), 'gourds'), { recursive: true });
    expect((await label(app, { id, label: 'big' }, 'gourds')).statusCode).toBe(404);
    await writeFile(join(folder(), 'gourds'), 'a file where the folder should be');
    expect((await label(app, { id, label: 'big' }, 'gourds')).json()).toMatchObject({
      code: 'FEEDBACK_UNWRITABLE',
      status: 503,
    });
  });

  test.each([
    ['that no answer has', { id: '019ac2b3-1d00-7c55-9f0e-3a3b8a6f1c52', label: 'bad' }, 404],
    ['of another kind', { id: 'mine', label: 'bad' }, 404],
    ['that is a number', { id: 7, label: 'bad' }, 400],
    ['that is empty', { id: '', label: 'bad' }, 400],
    ['without a label', { id: 'mine' }, 400],
    ['with an unknown label', { id: 'mine', label: 'worst' }, 422],
  ])('%s is refused', async (_, payload, status) => {
    const app = await serve(full);
    const answer = await label(app, payload);
    expect(answer.statusCode, answer.body).toBe(status);
    if (status === 404) expect(answer.json().code).toBe('FEEDBACK_ID_UNKNOWN');
  });

  test('of another model is unknown, and so is any where the log is off', async () => {
    const app = await serve(full);
    const { id } = await predictRows(app, { weight: 9 });
    expect((await label(app, { id, label: 'bad' })).statusCode).toBe(404);
    await app.close();
    const off = await serve();
    expect((await label(off, { id, label: 'big' }, 'gourds')).json()).toMatchObject({
      code: 'FEEDBACK_ID_UNKNOWN',
      hint: expect.stringContaining('MAINSTEM_PREDICTION_LOG'),
    });
  });
});

test('answers are removed when they are too old, also while nobody asks', async () => {
  const after = (days: number) => () => new Date(noon.getTime() + days * 86_400_000);
  for (const days of [0, 30, 31]) {
    await predictRows(await serve(full, after(days)), { weight: 9 });
    await serving?.app.close();
  }
  await serve(full, after(31));
  await expect
    .poll(() => readdir(join(folder(), 'gourds')), { timeout: 5000, interval: 20 })
    .toEqual(['2026-12-26-1.jsonl', '2026-12-27-1.jsonl']);
});
