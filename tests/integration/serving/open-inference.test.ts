import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportTrees } from '../../../pipeline/package/onnx/export-trees.ts';
import { predictTrees } from '../../../pipeline/trees/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
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
import { serveModels } from '../../helpers/serve-models.ts';

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
  const beds = { ...gourds, model: 'beds', classes: ['carrot, "big"', 'лук'] };
  repository = await createModelRepository(gourds, prices, pumpkins, trees, beds);
  serving = await serveModels(repository.root, { rows: 8, files: 2 });
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
    ['/v2', { name: 'mainstem', extensions: ['binary_tensor_data', 'model_repository'] }],
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

  test('names of classes are a line of CSV, so that one with a comma or a quote stays one', async () => {
    const classesOf = async (model: string) =>
      (await get(`/v2/models/${model}`)).json().parameters.classes;
    expect(await classesOf('gourds')).toBe('big,small');
    const text = await classesOf('beds');
    expect(text).toBe('"carrot, ""big""",лук');
    expect(parse(text)).toEqual([['carrot, "big"', 'лук']]);
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

  test.each([
    ['once', [{ name: 'class' }]],
    ['twice', [{ name: 'class' }, { name: 'class' }]],
  ])('only the requested outputs come back, each once, if asked for %s', async (_, outputs) => {
    const response = await infer('gourds', { ...tensor([1, 3], [1, 1, 0]), outputs });
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

  test.each([
    ['FP16', 1e9],
    ['BF16', 3.4e38],
    ['INT8', 128],
    ['INT16', -32_769],
    ['INT32', 2 ** 31],
    ['INT64', 1e19],
    ['UINT8', 300],
    ['UINT16', 65_536],
    ['UINT32', 2 ** 32],
    ['UINT64', 2e19],
    ['FP32', 1e300],
  ])('what %s cannot hold is refused: %d', async (datatype, value) => {
    const response = await infer('gourds', tensor([1, 3], [1, value, 0], { datatype }));
    expect(response.statusCode).toBe(400);
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

  test.each([
    [[-1, 3], 'inputs.0.shape.0 is -1, but must be >= 0'],
    [[0, 3], 'the first number in the shape of "input" must be how many rows are sent, not 0'],
    [[], 'must be how many rows are sent, not nothing'],
    [[1, 2], '"input" has shape [-1, 3], not [1, 2]'],
  ])('the shape %j is refused in words that fit it', async (shape, words) => {
    const response = await infer('gourds', tensor(shape, [1, 1, 0]));
    expect(response.json().error).toContain(words);
  });

  test.each([
    ['shared memory', 'shared memory is not served', { inputs: { shared_memory_region: 'a' } }],
    ['classification', '"probabilities"', { outputs: { classification: 2 } }],
  ])('%s of Triton’s extensions is refused, not passed over', async (_, words, parameters) => {
    const { inputs: tensors } = tensor([1, 3], [1, 1, 0]);
    const [one] = tensors;
    const of = (kind: 'inputs' | 'outputs') =>
      kind in parameters ? { parameters: Object.entries(parameters)[0]?.[1] } : {};
    const response = await infer('gourds', {
      inputs: [{ ...one, ...of('inputs') }],
      outputs: [{ name: 'probabilities', ...of('outputs') }],
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain(words);
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

/** A request whose JSON is followed by bytes. */
const inferBinary = (model: string, json: object, bytes: Uint8Array, headers = {}) => {
  const head = Buffer.from(JSON.stringify(json));
  return serving.app.inject({
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    payload: Buffer.concat([head, bytes]),
    headers: { 'inference-header-content-length': String(head.length), ...headers },
  });
};
const element = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const binaryInput = (size: number, more = {}) => ({
  inputs: [
    {
      name: 'input',
      datatype: 'FP32',
      shape: [2, 3],
      parameters: { binary_data_size: size },
      ...more,
    },
  ],
});

describe('binary tensors', () => {
  test.each([
    ['no content type, as tritonclient', {}],
    ['octets, as KServe', { 'content-type': 'application/octet-stream' }],
    ['JSON', { 'content-type': 'application/json' }],
  ])('bytes after the JSON answer as numbers in it: %s', async (_, headers) => {
    const expected = await infer('gourds', { id: 'a', ...tensor([2, 3], [9, 1, 0, -9, 0, 1]) });
    const json = { id: 'a', ...binaryInput(24) };
    const found = await inferBinary('gourds', json, floats(9, 1, 0, -9, 0, 1), headers);
    expect(found.statusCode).toBe(200);
    expect(found.json()).toEqual(expected.json());
  });

  test('outputs come as bytes where they are asked for, each in its turn', async () => {
    const values = [9, 1, 0, -9, 0, 1];
    const plain = (await infer('gourds', { id: 'a', ...tensor([2, 3], values) })).json();
    const names = ['class', 'probabilities', 'accepted', 'score'];
    const outputs = names.map((name) => ({ name, parameters: { binary_data: name !== 'score' } }));
    const json = { id: 'a', ...binaryInput(24), outputs };
    const found = await inferBinary('gourds', json, floats(...values));
    expect(found.headers['content-type']).toBe('application/octet-stream');
    const length = Number(found.headers['inference-header-content-length']);
    const head = JSON.parse(found.rawPayload.subarray(0, length).toString());
    expect(head.outputs.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(head.outputs[3]).toEqual(plain.outputs[3]);
    expect(head.outputs[1]).toEqual({
      name: 'probabilities',
      datatype: 'FP32',
      shape: [2, 2],
      parameters: { binary_data_size: 16 },
    });
    const bytes = Buffer.concat([
      element(Buffer.from('big')),
      element(Buffer.from('small')),
      floats(...plain.outputs[1].data),
      Buffer.of(1, 1),
    ]);
    expect(found.rawPayload.subarray(length)).toEqual(bytes);
  });

  const numbers = [9, 1, 0, -9, 0, 1];
  test.each([
    ['INT8', Int8Array.from(numbers)],
    ['INT16', Int16Array.from(numbers)],
    ['INT32', Int32Array.from(numbers)],
    ['INT64', BigInt64Array.from(numbers, BigInt)],
    ['FP16', Float16Array.from(numbers)],
    ['FP64', Float64Array.from(numbers)],
  ])('%s is read as the numbers that it holds', async (datatype, values) => {
    const bytes = Buffer.from(values.buffer);
    const found = await inferBinary('gourds', binaryInput(bytes.length, { datatype }), bytes);
    const expected = await infer('gourds', tensor([2, 3], numbers));
    expect(found.json().outputs).toEqual(expected.json().outputs);
  });

  test('BF16 is the upper half of FP32', async () => {
    const upper = floats(9, 1, 0, -9, 0, 1).filter((_, index) => index % 4 >= 2);
    const json = binaryInput(12, { datatype: 'BF16' });
    const found = await inferBinary('gourds', json, upper);
    const expected = await infer('gourds', tensor([2, 3], [9, 1, 0, -9, 0, 1]));
    expect(found.json().outputs).toEqual(expected.json().outputs);
  });

  test('photos are elements of BYTES as they are, without base64', async () => {
    const photos = [element(await photoOf('bad')), element(await photoOf('good'))];
    const bytes = Buffer.concat(photos);
    const image = { name: 'image', datatype: 'BYTES', shape: [2] };
    const parameters = { binary_data_size: bytes.length };
    const json = { inputs: [{ ...image, parameters }], outputs: [{ name: 'class' }] };
    const found = await inferBinary('pumpkins', json, bytes);
    expect(found.json().outputs[0].data).toEqual(['bad', 'good']);
  });

  test.each([
    ['a photo', 'pumpkins', () => photoOf('ok'), 'ok'],
    ['a row of numbers', 'gourds', async () => floats(-9, 0, 1), 'small'],
  ] as const)('a body may be nothing but %s', async (_, model, bytesOf, answer) => {
    const found = await serving.app.inject({
      method: 'POST',
      url: `/v2/models/${model}/infer`,
      payload: Buffer.from(await bytesOf()),
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': '0',
      },
    });
    const length = Number(found.headers['inference-header-content-length']);
    const [first] = JSON.parse(found.rawPayload.subarray(0, length).toString()).outputs;
    const size = first.parameters.binary_data_size;
    expect(found.rawPayload.subarray(length, length + size)).toEqual(element(Buffer.from(answer)));
  });

  const six = floats(9, 1, 0, -9, 0, 1);
  test.each([
    ['fewer bytes than the shape needs', binaryInput(20), six.subarray(0, 20), {}],
    ['fewer bytes than it says', binaryInput(24), six.subarray(0, 20), {}],
    ['more bytes than it says', binaryInput(20), six, {}],
    ['a size that is not one', binaryInput(-1), six, {}],
    ['a size that is not whole', binaryInput(23.5), six, {}],
    ['data and bytes', binaryInput(24, { data: [1] }), six, {}],
    ['numbers that are not finite', binaryInput(24), floats(9, 1, 0, Number.NaN, 0, 1), {}],
    ['texts', binaryInput(24, { datatype: 'BYTES' }), six, {}],
    ['a datatype that does not exist', binaryInput(24, { datatype: 'constructor' }), six, {}],
    [
      'a JSON longer than the body',
      binaryInput(24),
      six,
      { 'inference-header-content-length': '9999' },
    ],
    ['a length that is not one', binaryInput(24), six, { 'inference-header-content-length': '-1' }],
    ['an empty length', binaryInput(24), six, { 'inference-header-content-length': '' }],
    ['JSON that is cut off', binaryInput(24), six, { 'inference-header-content-length': '20' }],
    ['bytes that nothing names', tensor([2, 3], [9, 1, 0, -9, 0, 1]), six, {}],
    ['inputs that are not a list', { inputs: 3 }, six, {}],
    ['no inputs', {}, Buffer.alloc(0), {}],
  ])('%s: 400 with {"error"}, and the server stays healthy', async (_, json, bytes, headers) => {
    const found = await inferBinary('gourds', json, bytes, headers);
    expect(found.statusCode).toBe(400);
    expect(Object.keys(found.json())).toEqual(['error']);
    expect((await get('/v2/health/ready')).statusCode).toBe(200);
  });

  test.each([
    ['an element longer than its bytes', Buffer.of(9, 0, 0, 0, 1)],
    ['a length that is cut off', Buffer.of(9, 0)],
    ['more elements than its shape says', Buffer.concat([element(six), element(six)])],
    ['no element', Buffer.alloc(0)],
  ])('photos with %s are refused', async (_, bytes) => {
    const image = { name: 'image', datatype: 'BYTES', shape: [1] };
    const json = { inputs: [{ ...image, parameters: { binary_data_size: bytes.length } }] };
    const found = await inferBinary('pumpkins', json, bytes);
    expect(found.statusCode).toBe(400);
    expect(found.json().error).toContain('"image"');
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

  test('among bytes a gap is NaN', async () => {
    const input = { name: 'input', datatype: 'FP32', shape: [1, 3] };
    const json = { inputs: [{ ...input, parameters: { binary_data_size: 12 } }] };
    const bytes = await inferBinary('trees', json, floats(2, Number.NaN, 4));
    const json32 = await infer('trees', tensor([1, 3], [2, null, 4]));
    expect(bytes.json().outputs).toEqual(json32.json().outputs);
    const infinite = await inferBinary('trees', json, floats(2, Number.POSITIVE_INFINITY, 4));
    expect(infinite.statusCode).toBe(400);
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
