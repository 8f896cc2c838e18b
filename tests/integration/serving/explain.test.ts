import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../pipeline/backends/index.ts';
import { exportOnnx } from '../../../pipeline/package/onnx/export-onnx.ts';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { imagePreprocessing } from '../../../platform/transforms/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { createExplainer } from '../../../serving/inference/explainer.ts';
import { loadModels, type ServedModel, sessionOf } from '../../../serving/inference/models.ts';
import { coverCount } from '../../../serving/inference/occlusion.ts';
import { createPhotos } from '../../../serving/inference/photos.ts';
import { createPool, type Pool } from '../../../serving/inference/pool.ts';
import { bearer, makeKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
  type RecordPart,
} from '../../helpers/model-repository.ts';
import { photoOf, watermelon } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

const size = 28;
const places = 7;
const corners = {
  topLeft: [0, 0],
  topRight: [0, 6],
  bottomLeft: [6, 0],
  bottomRight: [6, 6],
} as const;
type Corner = keyof typeof corners;

/** A network that looks at nothing of a photo but one corner: where that is bright it says `bright`. */
async function buildCornerNetwork(corner: Corner): Promise<Uint8Array> {
  const network = sequential({
    layers: [
      layers.flatten({ inputShape: [size, size, 3] }),
      layers.dense({ units: 2, useBias: false }),
    ],
  });
  const [row, column] = corners[corner];
  const side = size / places;
  const sees = (at: number) => {
    const [y, x] = [Math.floor(at / 3 / size), Math.floor(at / 3) % size];
    return Math.floor(y / side) === row && Math.floor(x / side) === column;
  };
  const weights = Float32Array.from({ length: size * size * 3 * 2 }, (_, index) =>
    sees(Math.floor(index / 2)) ? (index % 2 === 0 ? 0.1 : -0.1) : 0,
  );
  try {
    tf.tidy(() => network.setWeights([tf.tensor(weights, [size * size * 3, 2])]));
    return await exportOnnx(network, {});
  } finally {
    network.dispose();
  }
}

const cornerModel = (corner: Corner, onnx: Uint8Array): RecordPart => ({
  ...pumpkins,
  ...{ model: corner, classes: ['bright', 'dark'], onnx, outOfDistribution: null, bins: [] },
  preprocessing: imagePreprocessing(size),
  page: { ...pumpkins.page, classes: {} },
});

/** Grain all over, but one corner that is white. */
async function photoWithCorner(corner: Corner): Promise<Buffer> {
  const random = createRandom(corner);
  const [row, column] = corners[corner];
  const side = size / places;
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, at) => {
    const [y, x] = [Math.floor(at / 3 / size), Math.floor(at / 3) % size];
    const isCorner = Math.floor(y / side) === row && Math.floor(x / side) === column;
    return isCorner ? 255 : random.int(200);
  });
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}

let repository: ModelRepository;
let serving: ServingApp;

beforeAll(async () => {
  await startBackend({ name: 'wasm' });
  const names = Object.keys(corners) as Corner[];
  const models = await Promise.all(
    names.map(async (corner) => cornerModel(corner, await buildCornerNetwork(corner))),
  );
  repository = await createModelRepository(gourds, prices, pumpkins, ...models);
  serving = await serve();
});
afterAll(async () => {
  await serving.app.close();
  await repository.remove();
});

const serve = (settings = {}) => serveModels(repository.root, settings);

const explain = (model: string, payload: Buffer | object, type?: string, { app } = serving) =>
  app.inject({
    method: 'POST',
    url: `/v2/models/${model}/explain`,
    payload,
    ...(type ? { headers: { 'content-type': type } } : {}),
  });

describe('a photo', () => {
  test.each(Object.entries(corners))(
    'of a network that looks only at the corner %s is explained by that corner',
    async (corner, [row, column]) => {
      const photo = await photoWithCorner(corner as Corner);
      const response = await explain(corner, photo, 'image/png');
      expect(response.statusCode).toBe(200);
      const { result, explanation, ...named } = response.json();
      expect(named).toMatchObject({ model: corner, version: '0123456789ab' });
      expect(named.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(result).toMatchObject({ class: 'bright', accepted: true });
      expect(explanation).toMatchObject({
        ...{ method: 'occlusion', class: 'bright', computed: coverCount + 1 },
        meaning: expect.stringMatching(/not what caused it.*may be due to the colours/),
      });
      const effects: number[][] = explanation.effects;
      expect(effects.map((line) => line.length)).toEqual(Array(places).fill(places));
      const most = Math.max(...effects.flat());
      expect(effects[row]?.[column]).toBe(most);
      expect(most).toBeGreaterThan(explanation.noise);
      effects.forEach((line, y) => {
        line.forEach((effect, x) => {
          if (Math.abs(y - row) > 1 || Math.abs(x - column) > 1) expect(effect).toBe(0);
        });
      });
    },
  );

  test('is answered as a prediction is, and explained alike each time', async () => {
    const photo = await photoOf('good');
    const predicted = await serving.app.inject({
      ...{ method: 'POST', url: '/models/pumpkins/predict', payload: photo },
      headers: { 'content-type': 'image/jpeg' },
    });
    const first = (await explain('pumpkins', photo, 'image/jpeg')).json();
    const second = (await explain('pumpkins', photo, 'image/jpeg')).json();
    expect(first.result).toEqual(predicted.json().results[0]);
    expect(second.explanation).toEqual(first.explanation);
    expect(second.id).not.toBe(first.id);
  });

  test('in a form, or large enough to be scaled down by its decoder, is explained, too', async () => {
    const data = new FormData();
    data.append('file', new Blob([await photoOf('ok', 400)], { type: 'image/jpeg' }), 'ok.jpg');
    const response = await serving.app.inject({
      ...{ method: 'POST', url: '/v2/models/pumpkins/explain', payload: data },
    });
    // All of it has one colour: whatever part is covered with it stays as it is.
    expect(response.json()).toMatchObject({ result: { class: 'ok' } });
    const { effects } = response.json().explanation;
    expect(Math.max(...effects.flat().map(Math.abs))).toBeLessThan(0.01);
  });

  test('that is refused has no explanation: there is no answer to explain', async () => {
    const response = await explain('pumpkins', await photoOf(watermelon), 'image/jpeg');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ result: { accepted: false }, explanation: null });
  });
});

describe('a row', () => {
  test('is explained column by column, each replaced by what is typical', async () => {
    const response = await explain('gourds', { weight: 6, colour: 'green' });
    const { result, explanation } = response.json();
    expect(result).toMatchObject({ class: 'big' });
    expect(explanation).toMatchObject({ method: 'replacement', class: 'big', computed: 3 });
    expect(explanation.meaning).toContain('replaced by a typical value');
    // A weight of 4 is typical, and most gourds of the reference data are orange, which speaks for big ones.
    const [weight, colour] = explanation.columns;
    expect(weight).toMatchObject({ column: 'weight', value: 6, replacement: 4 });
    expect(colour).toMatchObject({ column: 'colour', value: 'green', replacement: 'orange' });
    const predict = async (row: object) => {
      const answer = await serving.app.inject({
        ...{ method: 'POST', url: '/models/gourds/predict', payload: row },
      });
      return answer.json().results[0].probabilities.big as number;
    };
    const own = await predict({ weight: 6, colour: 'green' });
    expect(weight.effect).toBe(own - (await predict({ weight: 4, colour: 'green' })));
    expect(colour.effect).toBe(own - (await predict({ weight: 6, colour: 'orange' })));
    expect(weight.effect).toBeGreaterThan(0.5);
    expect(colour.effect).toBeLessThan(0);
  });

  test('of a regression is explained by its value', async () => {
    const { explanation } = (await explain('prices', { weight: 6 })).json();
    expect(explanation).toMatchObject({ class: null, computed: 2 });
    expect(explanation.meaning).toContain('By how much the value falls');
    expect(explanation.columns).toEqual([
      { column: 'weight', value: 6, replacement: 4, effect: expect.closeTo(10, 4) },
    ]);
  });
});

describe('what cannot be explained is a problem with a code, as for predictions', () => {
  const two = async () => {
    const data = new FormData();
    for (const name of ['a.jpg', 'b.jpg'])
      data.append('file', new Blob([await photoOf('ok')]), name);
    return data;
  };
  test.each([
    ['an unknown model', 'melons', () => ({}), undefined, 404, 'MODEL_UNKNOWN'],
    [
      'a text as JPEG',
      'pumpkins',
      () => Buffer.from('hello'),
      'image/jpeg',
      422,
      'IMAGE_UNREADABLE',
    ],
    ['several photos', 'pumpkins', two, undefined, 400, 'REQUEST_INVALID'],
    [
      'several rows',
      'gourds',
      () => [{ weight: 1 }, { weight: 2 }],
      undefined,
      400,
      'REQUEST_INVALID',
    ],
    ['no row', 'gourds', () => [], undefined, 400, 'REQUEST_INVALID'],
    ['an unknown column', 'gourds', () => ({ size: 1 }), undefined, 422, 'ROW_INVALID'],
    ['a row for photos', 'pumpkins', () => ({ weight: 1 }), undefined, 415, 'REQUEST_TYPE'],
    ['a tensor', 'gourds', () => Buffer.alloc(12), 'application/octet-stream', 415, 'REQUEST_TYPE'],
  ] as const)('%s', async (_, model, payload, type, status, code) => {
    const response = await explain(model, await payload(), type);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code });
  });

  test('a question by GET', async () => {
    const response = await serving.app.inject('/v2/models/pumpkins/explain');
    expect(response.statusCode).toBe(405);
    expect(response.json()).toMatchObject({ code: 'REQUEST_METHOD' });
  });

  test('JSON with the length of a header of the protocol is JSON', async () => {
    const response = await serving.app.inject({
      ...{ method: 'POST', url: '/v2/models/gourds/explain', payload: { weight: 6 } },
      headers: { 'inference-header-content-length': '3' },
    });
    expect(response.statusCode).toBe(200);
  });

  test('anything, where explanations are turned off; the page hears of it', async () => {
    const off = await serve({ explanations: 0 });
    try {
      const response = await explain('gourds', { weight: 6 }, undefined, off);
      expect(response.json()).toMatchObject({ status: 403, code: 'EXPLAIN_OFF' });
      const described = (await off.app.inject('/models')).json();
      expect(described[0].explain).toBe(false);
      expect((await serving.app.inject('/models')).json()[0].explain).toBe(true);
    } finally {
      await off.app.close();
    }
  });
});

describe('an explanation costs what it computes', () => {
  test('one is computed at a time; another is refused for now', async () => {
    const photo = await photoOf('good', 400);
    const both = await Promise.all(
      ['pumpkins', 'pumpkins'].map((model) => explain(model, photo, 'image/jpeg')),
    );
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 503]);
    const refused = both.find(({ statusCode }) => statusCode === 503);
    expect(refused?.json()).toMatchObject({ code: 'SERVING_BUSY' });
    expect(refused?.headers['retry-after']).toBe('1');
    expect((await explain('pumpkins', photo, 'image/jpeg')).statusCode).toBe(200);
  });

  test('a key pays for all its images, a row counts as one request', async () => {
    const rate = coverCount + 10;
    // The bucket fills up while the test runs.
    const nearly = (left: number) => (found: { statusCode: number; left: number }) =>
      found.statusCode === 200 && found.left >= left - 1 && found.left <= left + 40;
    const key = makeKey('stand', { rate });
    await writeKeys(repository.root, key);
    const limited = await serve({ access: 'keys' });
    const ask = async (model: string, payload: Buffer | object, type = 'application/json') => {
      const { statusCode, headers } = await limited.app.inject({
        ...{ method: 'POST', url: `/v2/models/${model}/explain`, payload },
        headers: { ...bearer(key.text), 'content-type': type },
      });
      return { statusCode, left: Number(/r=(\d+)/.exec(String(headers.ratelimit))?.[1]), headers };
    };
    try {
      const photo = await photoOf('good');
      expect(await ask('gourds', { weight: 4 })).toSatisfy(nearly(rate - 1));
      expect(await ask('pumpkins', photo, 'image/jpeg')).toSatisfy(nearly(9));
      const refused = await ask('pumpkins', photo, 'image/jpeg');
      expect(refused.statusCode).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(10);
      expect(await ask('gourds', { weight: 4 })).toMatchObject({ statusCode: 200 });
    } finally {
      await limited.app.close();
      await writeKeys(repository.root);
    }
  });

  test('neither predictions nor bins nor the prediction log count it', async () => {
    const counted = async () =>
      (await serving.app.inject('/metrics')).body
        .split('\n')
        .filter((line) =>
          /^mainstem_(predictions|input_bin|refused|prediction_log_lines)_total/.test(line),
        );
    const before = await counted();
    await explain('pumpkins', await photoOf('good'), 'image/jpeg');
    await explain('gourds', { weight: 4 });
    expect(await counted()).toEqual(before);
  });
});

describe('the explainer', () => {
  let pool: Pool;
  let model: ServedModel;
  const limits = { ...parseConfig({ root: '.', workers: 1 }), explanations: 1 };
  beforeAll(async () => {
    const models = await loadModels(repository.root, openStore(repository.root), 'topLeft');
    const [first] = models;
    if (!first) throw new Error('no model');
    model = first;
    pool = createPool(
      { models: [{ name: sessionOf(first), onnx: await first.read() }] },
      { workers: 1, queue: 9 },
    );
    await pool.ready();
  });
  afterAll(() => pool.close());
  const never = new AbortController().signal;

  test('gives up what takes too long, and takes the next', async () => {
    const photo = await photoWithCorner('topLeft');
    const hasty = createExplainer(pool, createPhotos(pool, limits), {
      ...limits,
      explainSeconds: 0.001,
    });
    await expect(hasty.explainPhoto(model, photo, never)).rejects.toMatchObject({
      code: 'EXPLAIN_TOO_SLOW',
    });
    await expect(hasty.explainPhoto(model, photo, never)).rejects.toMatchObject({
      code: 'EXPLAIN_TOO_SLOW',
    });
  });

  test('ends the work of a client that left, and leaves at most one batch in the pool meanwhile', async () => {
    const photo = await photoWithCorner('topLeft');
    const explainer = createExplainer(pool, createPhotos(pool, limits), limits);
    const client = new AbortController();
    const asked = explainer.explainPhoto(model, photo, client.signal);
    const seen: number[] = [];
    const watch = setInterval(() => seen.push(pool.waiting), 0);
    setTimeout(() => client.abort(new MainstemError('REQUEST_ABORTED')), 5);
    const error = await asked.catch((reason: unknown) => reason);
    clearInterval(watch);
    // A fast machine may have been faster than the client.
    if (!('effects' in Object(error))) expect(isMainstemError(error, 'REQUEST_ABORTED')).toBe(true);
    expect(Math.max(0, ...seen)).toBeLessThanOrEqual(1);
    await expect(explainer.explainPhoto(model, photo, never)).resolves.toMatchObject({
      result: { class: 'bright' },
    });
    expect(pool.waiting).toBe(0);
  });
});
