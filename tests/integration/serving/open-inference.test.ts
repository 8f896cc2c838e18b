import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportTrees } from '../../../pipeline/package/onnx/export-trees.ts';
import { predictTrees } from '../../../pipeline/trees/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildApp, type ServingApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { boostMixed, mixedColumns } from '../../fixtures/trees.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
  type RecordPart,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';

let repository: ModelRepository;
let serving: ServingApp;

/** What the trees say of a row with this height. */
let expected: (height: number) => number;

beforeAll(async () => {
  const { forest } = await boostMixed(0);
  const model = { forest, columns: mixedColumns, classes: 0 };
  expected = (height) =>
    predictTrees(model, [0], (target) => target.set([2, height, 4])).output[0] ?? Number.NaN;
  const trees: RecordPart = {
    ...{ ...prices, model: 'trees', onnx: exportTrees(model, {}), bins: [] },
    preprocessing: {
      ...{ kind: 'table', encoding: 'codes' },
      columns: [
        { name: 'width', kind: 'number', mean: 0, deviation: 1 },
        { name: 'height', kind: 'number', mean: 0, deviation: 1 },
        { name: 'colour', kind: 'category', values: ['a', 'b', 'c', 'd', 'e'] },
      ],
    },
  };
  repository = await createModelRepository(gourds, prices, pumpkins, trees);
  const { root } = repository;
  const config = parseConfig({ root, workers: 1, rows: 8, files: 2, logLevel: 'silent' });
  serving = await buildApp({ config, store: openStore(root) });
});
afterAll(async () => {
  await serving.app.close();
  await repository.remove();
});

const get = (url: string) => serving.app.inject(url);
const infer = (model: string, payload: object) =>
  serving.app.inject({ method: 'POST', url: `/v2/models/${model}/infer`, payload });
const tensor = (shape: number[], data: unknown[], more = {}) => ({
  inputs: [{ name: 'input', datatype: 'FP32', shape, data, ...more }],
});

describe('metadata and health', () => {
  test.each([
    ['/v2', { name: 'mainstem', extensions: [] }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { live: true, ready: true }],
    ['/v2/models/gourds/ready', { ready: true }],
    ['/v2/models/gourds/versions/0123456789ab/ready', { ready: true }],
  ])('GET %s', async (url, body) => {
    const response = await get(url);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject(body);
  });

  test('a model describes its inputs and outputs, with or without its version in the path', async () => {
    const response = await get('/v2/models/pumpkins');
    expect(response.json()).toMatchObject({
      name: 'pumpkins',
      versions: ['0123456789ab'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 16, 16, 3] }],
    });
    expect(response.json().outputs.map((output: { name: string }) => output.name)).toEqual([
      'class',
      'probabilities',
      'accepted',
      'score',
      'output',
    ]);
    const versioned = await get('/v2/models/pumpkins/versions/0123456789ab');
    expect(versioned.json()).toEqual(response.json());
  });

  test.each([
    '/v2/models/turnips',
    '/v2/models/gourds/versions/ffffffffffff',
    '/v2/models/turnips/ready',
    '/v2/nothing',
  ])('GET %s is 404 with {"error"}', async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBe(404);
    expect(Object.keys(response.json())).toEqual(['error']);
  });
});

describe('infer', () => {
  test('flat and nested data give the same outputs; the id comes back', async () => {
    const flat = await infer('gourds', { id: 'a', ...tensor([2, 3], [9, 1, 0, -9, 0, 1]) });
    const nested = await infer('gourds', {
      id: 'a',
      ...tensor(
        [2, 3],
        [
          [9, 1, 0],
          [-9, 0, 1],
        ],
      ),
    });
    expect(flat.statusCode).toBe(200);
    expect(flat.json()).toEqual(nested.json());
    expect(flat.json()).toMatchObject({
      id: 'a',
      model_name: 'gourds',
      model_version: '0123456789ab',
    });
    const named = Object.fromEntries(
      flat.json().outputs.map((output: { name: string }) => [output.name, output]),
    );
    expect(named.class).toMatchObject({ datatype: 'BYTES', shape: [2], data: ['big', 'small'] });
    expect(named.accepted).toMatchObject({ datatype: 'BOOL', shape: [2], data: [true, true] });
    expect(named.output).toMatchObject({ datatype: 'FP32', shape: [2, 2] });
    expect(named.output.data).toEqual([19, -18, -18, 19]);
    expect(named.probabilities.data.length).toBe(4);
  });

  test('an id is created if none is given', async () => {
    const response = await infer('gourds', tensor([1, 3], [1, 1, 0]));
    expect(response.json().id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('only the requested outputs come back', async () => {
    const response = await infer('gourds', {
      ...tensor([1, 3], [1, 1, 0]),
      outputs: [{ name: 'class' }],
    });
    expect(response.json().outputs).toEqual([
      { name: 'class', datatype: 'BYTES', shape: [1], data: ['big'] },
    ]);
  });

  test('photos as base64 are decoded as in training', async () => {
    const photo = (await photoOf('bad')).toString('base64');
    const inputs = [{ name: 'image', datatype: 'BYTES', shape: [1], data: [photo] }];
    const response = await infer('pumpkins', { inputs, outputs: [{ name: 'class' }] });
    expect(response.json().outputs[0].data).toEqual(['bad']);
  });

  test('a regression gives the value', async () => {
    const response = await infer('prices', tensor([1, 3], [2, 1, 0]));
    const [output] = response.json().outputs;
    expect(output).toEqual({ name: 'output', datatype: 'FP32', shape: [1, 1], data: [71] });
  });

  const inputs = (input: object) => ({ inputs: [input] });
  test.each([
    ['no inputs', { inputs: [] }],
    [
      'two inputs',
      { inputs: [tensor([1, 3], [1, 1, 0]).inputs[0], tensor([1, 3], [1, 1, 0]).inputs[0]] },
    ],
    ['an unknown input', tensor([1, 3], [1, 1, 0], { name: 'pixels' })],
    ['texts as datatype', tensor([1, 3], [1, 1, 0], { datatype: 'BYTES' })],
    ['a datatype that does not exist', tensor([1, 3], [1, 1, 0], { datatype: 'constructor' })],
    ['a fraction among integers', tensor([1, 3], [1, 1.5, 0], { datatype: 'INT32' })],
    ['a negative number among natural ones', tensor([1, 3], [-1, 1, 0], { datatype: 'UINT8' })],
    [
      'another nesting than the shape',
      tensor(
        [2, 3],
        [
          [1, 1],
          [0, 1],
          [1, 0],
        ],
      ),
    ],
    ['data nested too deep', tensor([1, 3], [[[1, 1, 0]]])],
    ['nested and flat data mixed', tensor([2, 3], [[1, 1, 0], 1, 1, 0])],
    ['another width', tensor([1, 2], [1, 1])],
    ['an empty batch', tensor([0, 3], [])],
    ['a shape whose product overflows', tensor([2 ** 31, 2 ** 31], [1])],
    ['a negative dimension', tensor([-1, 3], [1, 1, 0])],
    ['too few numbers', tensor([1, 3], [1, 1])],
    ['too many numbers', tensor([1, 3], [1, 1, 0, 0])],
    ['texts instead of numbers', tensor([1, 3], ['1', '1', '0'])],
    ['null instead of a number', tensor([1, 3], [1, null, 0])],
    ['a number beyond FP32', tensor([1, 3], [1e39, 1, 0])],
    ['an unknown output', { ...tensor([1, 3], [1, 1, 0]), outputs: [{ name: 'logits' }] }],
    [
      'an output twice',
      { ...tensor([1, 3], [1, 1, 0]), outputs: [{ name: 'class' }, { name: 'class' }] },
    ],
    [
      'photos for a table',
      inputs({ name: 'image', datatype: 'BYTES', shape: [1], data: ['AAAA'] }),
    ],
    [
      'a shape that is not a list',
      inputs({ name: 'input', datatype: 'FP32', shape: 3, data: [1] }),
    ],
  ])('%s is 400 with {"error"}, and the server stays healthy', async (_, payload) => {
    const response = await infer('gourds', payload);
    expect(response.statusCode).toBe(400);
    expect(Object.keys(response.json())).toEqual(['error']);
    expect((await get('/v2/health/ready')).statusCode).toBe(200);
  });

  test('a batch over the limit is 413', async () => {
    const response = await infer('gourds', tensor([9, 3], Array(27).fill(1)));
    expect(response.statusCode).toBe(413);
  });

  test('deeply nested JSON is rejected', async () => {
    const payload = `{"inputs":[{"name":"input","datatype":"FP32","shape":[1,3],"data":${'['.repeat(5000)}${']'.repeat(5000)}}]}`;
    const response = await serving.app.inject({
      method: 'POST',
      url: '/v2/models/gourds/infer',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.statusCode).toBe(400);
  });
});

describe('gaps', () => {
  test('a model that takes gaps has null for them, flat or nested, and says so', async () => {
    const whole = await infer('trees', tensor([1, 3], [2, 1, 4]));
    const gap = await infer('trees', tensor([1, 3], [2, null, 4]));
    const nested = await infer('trees', tensor([1, 3], [[2, null, 4]], { datatype: 'FP64' }));
    expect(gap.statusCode, gap.body).toBe(200);
    const answerOf = (response: typeof gap) => response.json().outputs[0].data[0];
    expect(answerOf(gap)).toBe(expected(Number.NaN));
    expect(answerOf(nested)).toBe(answerOf(gap));
    expect(answerOf(whole)).toBe(expected(1));
    expect((await get('/v2/models/trees')).json().parameters.gaps).toContain('null');
    expect((await get('/v2/models/gourds')).json().parameters.gaps).toBeUndefined();
  });

  test.for([
    ['gourds', 'FP32', 'to this model a missing value is a number'],
    ['trees', 'INT32', 'which is not INT32'],
  ])('null for %s as %s is refused with the reason', async ([model = '', datatype, reason]) => {
    const response = await infer(model, tensor([1, 3], [1, null, 0], { datatype }));
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain(reason);
  });

  test('numbers that FP32 cannot hold are no gaps', async () => {
    const response = await infer('trees', tensor([1, 3], [1e39, null, 0]));
    expect(response.json().error).toContain('cannot hold');
  });
});

test('a stopping server is not ready, but still answers', async () => {
  serving.drain();
  expect((await get('/v2/health/ready')).statusCode).toBe(503);
  expect((await get('/v2/models/gourds/ready')).statusCode).toBe(503);
  expect((await get('/readyz')).statusCode).toBe(503);
  expect((await get('/v2/health/live')).statusCode).toBe(200);
  expect((await infer('gourds', tensor([1, 3], [1, 1, 0]))).statusCode).toBe(200);
});
