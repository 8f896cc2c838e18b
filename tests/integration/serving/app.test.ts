import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServingApp } from '../../../serving/app.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  melons,
  prices,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoClaiming, photoOf, watermelon } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
let serving: ServingApp;

beforeAll(async () => {
  repository = await createModelRepository(gourds, prices, pumpkins, melons);
  const limits = { files: 3, rows: 4, bodyBytes: 200_000 };
  serving = await serveModels(repository.root, { model: 'pumpkins', ...limits });
});
afterAll(async () => {
  await serving.app.close();
  await repository.remove();
});

const post = (url: string, payload: Buffer | object, type?: string) =>
  serving.app.inject({
    method: 'POST',
    url,
    payload,
    ...(type ? { headers: { 'content-type': type } } : {}),
  });

const form = (...parts: { content: Uint8Array<ArrayBuffer> | string; name?: string }[]) => {
  const data = new FormData();
  for (const { content, name } of parts) {
    if (typeof content === 'string') data.append(name ?? 'field', content);
    else data.append(name ?? 'file', new Blob([content], { type: 'image/jpeg' }), 'photo.jpg');
  }
  return data;
};

describe('POST /predict with photos', () => {
  test('a JPEG as the whole body is answered with class, words, probabilities and the exact model', async () => {
    const response = await post('/predict', await photoOf('good'), 'image/jpeg');
    expect(response.statusCode).toBe(200);
    const answer = response.json();
    expect(answer).toMatchObject({ model: 'pumpkins', version: '0123456789ab' });
    expect(answer.results).toHaveLength(1);
    expect(answer.results[0]).toMatchObject({
      class: 'good',
      label: 'good: sell it',
      accepted: true,
      refusal: null,
      threshold: -1.5,
      unknown: [],
    });
    expect(answer.results[0].probability).toBeGreaterThan(0.9);
  });
});

describe('POST /predict with several photos', () => {
  test('answers come in the order of the files', async () => {
    const response = await post(
      '/predict',
      form({ content: await photoOf('bad') }, { content: await photoOf('ok') }),
    );
    expect(response.statusCode).toBe(200);
    const { results } = response.json();
    expect(results.map((result: { class: string }) => result.class)).toEqual(['bad', 'ok']);
  });

  test("a watermelon is refused in the project's own words", async () => {
    const response = await post('/predict', await photoOf(watermelon), 'image/jpeg');
    const [result] = response.json().results;
    expect(result.accepted).toBe(false);
    expect(result.refusal).toEqual({
      reason: 'out-of-distribution',
      message: pumpkins.page.refusal,
      blank: [],
    });
    expect(result.score).toBeLessThan(result.threshold);
  });
});

describe('an unanswerable request is a problem with a code', () => {
  const cases = [
    ['a text as JPEG', 'image/jpeg', Buffer.from('hello'), 422, 'IMAGE_UNREADABLE'],
    ['an empty body', 'image/jpeg', Buffer.alloc(0), 400, 'REQUEST_INVALID'],
    ['another type', 'text/plain', Buffer.from('hello'), 415, 'REQUEST_TYPE'],
    ['a body over the limit', 'image/jpeg', Buffer.alloc(200_001), 413, 'REQUEST_TOO_LARGE'],
    ['a row for an image model', 'application/json', Buffer.from('{"a":1}'), 415, 'REQUEST_TYPE'],
  ] as const;
  test.each(cases)('%s', async (_, type, payload, status, code) => {
    const response = await post('/predict', payload, type);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code, instance: '/predict' });
    expect(response.statusCode).toBe(status);
  });

  test('broken JSON', async () => {
    const response = await post('/models/gourds/predict', Buffer.from('{'), 'application/json');
    expect(response.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  test('no body at all: the error says what the model takes', async () => {
    const ask = (url: string) => serving.app.inject({ method: 'POST', url });
    const image = (await ask('/predict')).json();
    expect(image).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(image.detail).toContain('send a photo (image/jpeg, image/png, ');
    const table = (await ask('/models/gourds/predict')).json();
    expect(table).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(table.detail).toContain('send one row');
  });

  test('more files than allowed', async () => {
    const photo = await photoOf('good');
    const response = await post('/predict', form(...Array(4).fill({ content: photo })));
    expect(response.json()).toMatchObject({ status: 413, code: 'REQUEST_TOO_MANY' });
  });

  test('a form without a file', async () => {
    const response = await post('/predict', form({ content: 'good', name: 'label' }));
    expect(response.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  test('the position of the one bad photo among several', async () => {
    const response = await post(
      '/predict',
      form(
        { content: await photoOf('good') },
        { content: 'x', name: 'note' },
        { content: Buffer.from('no photo') },
      ),
    );
    expect(response.json()).toMatchObject({ status: 422, code: 'IMAGE_UNREADABLE', file: 1 });
  });

  test('a photo that breaks off, or was closed again after it had', async () => {
    const photo = await photoOf('good', 480);
    const cut = photo.subarray(0, -30);
    const closed = Buffer.concat([cut, Buffer.from([0xff, 0xd9])]);
    const emptied = Buffer.concat([cut, Buffer.alloc(30)]);
    for (const broken of [cut, closed, emptied]) {
      const response = await post('/predict', broken, 'image/jpeg');
      expect(response.json()).toMatchObject({ status: 422, code: 'IMAGE_UNREADABLE' });
      expect(response.json().detail).toContain('it is damaged or incomplete');
    }
  });

  test('a photo with more pixels than the server decodes', async () => {
    const response = await post('/predict', await photoClaiming(20_000, 20_000), 'image/png');
    expect(response.json()).toMatchObject({ status: 413, code: 'IMAGE_TOO_LARGE' });
  });

  test('a model that is not served', async () => {
    const response = await post('/models/turnips/predict', await photoOf('good'), 'image/jpeg');
    expect(response.json()).toMatchObject({ status: 404, code: 'MODEL_UNKNOWN' });
  });

  test('an unknown path', async () => {
    const response = await serving.app.inject('/nothing?here=1');
    expect(response.json()).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN' });
  });
});

describe('POST /models/:name/predict with rows', () => {
  test('one row and a list of rows', async () => {
    const one = await post('/models/gourds/predict', { weight: 9, colour: 'orange' });
    expect(one.json().results[0]).toMatchObject({ class: 'big', label: 'a big one' });
    const list = await post('/models/gourds/predict', [{ weight: 9 }, { weight: '0.5' }]);
    expect(list.json().results.map((result: { class: string }) => result.class)).toEqual([
      'big',
      'small',
    ]);
  });

  test('a refusal names the columns that are blank or hold what training never saw', async () => {
    const rows = [{ weight: 9, colour: 'orange' }, { weight: 9 }, { weight: 9, colour: 'blue' }];
    const answer = await post('/models/melons/predict', [...rows, { colour: 'green', weight: '' }]);
    const message = melons.page.refusal;
    expect(answer.json().results.map(({ refusal }: { refusal: unknown }) => refusal)).toEqual(
      [[], ['colour'], ['colour'], ['weight']].map((blank) => {
        return { reason: 'out-of-distribution', message, blank };
      }),
    );
    const accepted = await post('/models/gourds/predict', { weight: 9 });
    expect(accepted.json().results[0]).toMatchObject({ accepted: true, refusal: null });
  });

  test('a regression answers a value', async () => {
    const response = await post('/models/prices/predict', { weight: 4, colour: 'orange' });
    expect(response.json().results[0]).toMatchObject({
      class: null,
      value: 51,
      label: '51',
      probability: null,
      probabilities: {},
    });
  });

  test.each(['51', 'other', 'big'])('a regression takes no correction: %s', async (label) => {
    const response = await post('/models/prices/feedback', { row: { weight: 4 }, label });
    expect(response.json()).toMatchObject({ status: 422, code: 'FEEDBACK_OF_NUMBERS' });
    expect(response.json().detail).not.toContain('other');
  });

  test('an answer that is not a finite number is a problem, not a broken response', async () => {
    const response = await post('/models/prices/predict', [{ weight: 4 }, { weight: 3e38 }]);
    expect(response.json()).toMatchObject({ status: 422, code: 'SERVING_OUTPUT_INVALID' });
    expect(response.json().detail).toContain('input 2');
  });

  test.each([
    ['an unknown column', { wieght: 9 }, 'ROW_INVALID', 422],
    ['text where a number belongs', { weight: 'heavy' }, 'ROW_INVALID', 422],
    ['a number beyond 32 bits', { weight: 1e40 }, 'ROW_INVALID', 422],
    ['a row without any value', { weight: null }, 'ROW_INVALID', 422],
    ['something nested', { weight: { kg: 1 } }, 'REQUEST_INVALID', 400],
    ['an empty list', [], 'REQUEST_INVALID', 400],
    ['too many rows', Array(5).fill({ weight: 1 }), 'REQUEST_TOO_MANY', 413],
  ])('%s is refused', async (_, payload, code, status) => {
    const response = await post('/models/gourds/predict', payload);
    expect(response.json()).toMatchObject({ code, status });
  });
});
