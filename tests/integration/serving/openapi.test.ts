import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServingApp } from '../../../serving/app.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
  type RecordPart,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { recordOf, tryVersion } from '../../helpers/versions.ts';

/** Every kind of column: in `ripe` and `kept` JSON's true is a word of the table, or not. */
const harvests: RecordPart = {
  ...gourds,
  model: 'harvests',
  onnx: 'table',
  preprocessing: {
    kind: 'table',
    columns: [
      { name: 'weight', kind: 'number', mean: 4, deviation: 2 },
      { name: 'kept', kind: 'category', values: ['True', 'no'] },
    ],
  },
};

let repository: ModelRepository;
let serving: ServingApp;
beforeAll(async () => {
  repository = await createModelRepository(gourds, harvests, prices, pumpkins);
  const settings = { model: 'pumpkins', followSeconds: 0, predictionLog: 'full' };
  serving = await serveModels(repository.root, settings);
});
afterAll(async () => {
  await serving.app.close();
  await repository.remove();
});

const documentOf = async () => (await serving.app.inject('/openapi.json')).json();
const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** The schema of a JSON body, compiled. */
async function bodyOf(path: string) {
  const { paths } = await documentOf();
  return ajv.compile(paths[path].post.requestBody.content['application/json'].schema);
}

const post = (url: string, payload: unknown) =>
  serving.app.inject({
    ...{ method: 'POST', url, payload: JSON.stringify(payload) },
    headers: { 'content-type': 'application/json' },
  });

/** Wild, but no sum of them overflows, which no schema can say. */
const number = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e18, max: 1e18, noNaN: true }),
);
const words = [
  '',
  ' ',
  'NA',
  ' n/a ',
  '-',
  'true',
  'True',
  'no',
  '0',
  '1',
  '-4.5e2',
  '.5',
  '1.',
  '7 kg',
  '0x2',
  '\0',
  '\ufffd',
];
const cell = fc.oneof(
  number,
  number.map((value) => value.toFixed(3)),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(...words),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom<unknown>([], {}, [1]),
);
const row = (columns: readonly string[]) =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.dictionary(fc.constantFrom(...columns, 'else'), cell, { maxKeys: 3 }),
    },
    { weight: 1, arbitrary: cell },
  );

describe('what the description says of a model is what the server takes', () => {
  test.each([
    ['/predict', 'rows', gourds],
    ['/explain', 'a row', harvests],
  ] as const)('%s: %s', async (verb, _, { model }) => {
    const path = verb === '/predict' ? `/models/${model}/predict` : `/v2/models/${model}/explain`;
    const valid = await bodyOf(path);
    const one = row(['weight', 'colour', 'kept']);
    const body = fc.oneof(one, fc.array(one, { maxLength: 2 }));
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const { statusCode, body: said } = await post(path, sent);
        expect(valid(sent), `${JSON.stringify(sent)}: ${statusCode} ${said}`).toBe(
          statusCode === 200,
        );
      }),
      { numRuns: 150 },
    );
  });

  test('tensors', async () => {
    const path = '/v2/models/gourds/infer';
    const valid = await bodyOf(path);
    const datatype = fc.constantFrom(
      'FP32',
      'FP64',
      'FP16',
      'INT8',
      'UINT16',
      'INT32',
      'BYTES',
      '',
    );
    const data = fc.array(fc.oneof(number, fc.constant(null), fc.string()), {
      minLength: 2,
      maxLength: 4,
    });
    const tensor = fc.record({
      name: fc.constantFrom('input', 'input', 'input', 'image'),
      shape: fc.constantFrom([1, 3], [1, 3], [1, 3], [3], [1, 3, 1]),
      datatype,
      data: fc.oneof(
        data,
        data.map((inner) => [inner]),
      ),
    });
    const outputs = fc.array(fc.record({ name: fc.constantFrom('class', 'score', 'none') }), {
      maxLength: 2,
    });
    const body = fc.record(
      { id: fc.string(), inputs: fc.array(tensor, { maxLength: 2 }), outputs },
      { requiredKeys: ['inputs'] },
    );
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const { statusCode, body: said } = await post(path, sent);
        expect(valid(sent), `${JSON.stringify(sent)}: ${statusCode} ${said}`).toBe(
          statusCode === 200,
        );
      }),
      { numRuns: 300 },
    );
  });

  test.each(['gourds', 'pumpkins'])('labels of %s', async (model) => {
    const path = `/models/${model}/feedback`;
    const valid = await bodyOf(path);
    const answer =
      model === 'gourds'
        ? (await post('/models/gourds/predict', { weight: 9 })).json()
        : { id: 'none' };
    const body = fc.record(
      {
        id: fc.constant(answer.id),
        row: row(['weight', 'colour']),
        label: fc.constantFrom<unknown>('big', 'good', 'other', 'neither', '', 7),
        version: fc.constantFrom<unknown>('0123456789ab', '', 5),
        slices: fc.constantFrom<unknown>({}, { light: 'sun' }, { else: 'x' }, 7),
        index: fc.constantFrom<unknown>(0, -1, '0'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const { statusCode, body: said } = await post(path, sent);
        // Of an answer that the server does not have nothing is said but that.
        const isTaken = statusCode === 201 || statusCode === 404;
        expect(valid(sent), `${JSON.stringify(sent)}: ${statusCode} ${said}`).toBe(isTaken);
      }),
      { numRuns: 200 },
    );
  });

  test('photos are taken by those that take photos, and by no other', async () => {
    const { paths } = await documentOf();
    const photo = await photoOf('good');
    for (const [path, operations] of Object.entries<{
      post?: { requestBody?: { content: object } };
    }>(paths)) {
      if (!/\/(?:predict|explain)$/.test(path)) continue;
      const types = Object.keys(operations.post?.requestBody?.content ?? {});
      const headers = { 'content-type': 'image/jpeg' };
      const { statusCode } = await serving.app.inject({
        method: 'POST',
        url: path,
        payload: photo,
        headers,
      });
      expect([path, types.includes('image/jpeg')]).toEqual([path, statusCode === 200]);
    }
  });
});

test('what is about a model stands there once for each, and not where it is never answered', async () => {
  const { paths } = await documentOf();
  const names = Object.keys(paths);
  expect(names.filter((path) => path.includes('{'))).toEqual([]);
  for (const model of ['gourds', 'harvests', 'prices', 'pumpkins']) {
    expect(names).toContain(`/models/${model}/predict`);
    expect(names).toContain(`/v2/models/${model}/versions/0123456789ab/infer`);
  }
  expect(names).not.toContain('/models/prices/feedback');
  expect(paths['/predict']).toEqual(
    paths['/models/pumpkins/predict'] && { post: { ...paths['/predict'].post } },
  );
});

test('a version that is tried is described from then on', async () => {
  const before = Object.keys((await documentOf()).paths);
  const network = await readFile(new URL('../../fixtures/models/table.onnx', import.meta.url));
  const record = await recordOf(repository.root, gourds, { run: 'ba9876543210', network });
  await tryVersion(repository.root, 'canary', record, { share: 0.1 });
  await serving.follow();
  const after = Object.keys((await documentOf()).paths);
  expect(after.filter((path) => !before.includes(path)).sort()).toEqual([
    '/v2/models/gourds/versions/ba9876543210',
    '/v2/models/gourds/versions/ba9876543210/explain',
    '/v2/models/gourds/versions/ba9876543210/infer',
    '/v2/models/gourds/versions/ba9876543210/ready',
  ]);
});
