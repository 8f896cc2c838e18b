import { setTimeout as delay } from 'node:timers/promises';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { hasScope } from '../../../serving/access/route-scopes.ts';
import type { ServingApp } from '../../../serving/app.ts';
import {
  GRPCInferenceService,
  ModelInferRequestSchema,
  type ModelInferResponse,
} from '../../../serving/grpc/inference_pb.ts';
import { bearer, makeKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  connectGrpc,
  type GrpcClient,
  grpcPath,
  messageHead,
  openRawCall,
} from '../../helpers/grpc-client.ts';
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

const { method: methods } = GRPCInferenceService;

interface Served extends ServingApp {
  readonly client: GrpcClient;
  readonly address: string;
}

let repository: ModelRepository;
let served: Served;

async function serve(settings = {}, root = repository.root): Promise<Served> {
  const common = { model: 'pumpkins', rows: 8, files: 16, grpcPort: 0 };
  const serving = await serveModels(root, { ...common, ...settings });
  const address = (await serving.listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '';
  return { ...serving, address, client: connectGrpc(address) };
}

/** A server for one test. */
async function serveOnce(settings = {}, root = repository.root): Promise<Served> {
  const own = await serve(settings, root);
  onTestFinished(async () => {
    own.client.close();
    await own.app.close();
  });
  return own;
}

beforeAll(async () => {
  repository = await createModelRepository(gourds, pumpkins, prices);
  served = await serve();
});
afterAll(async () => {
  served.client.close();
  await served.app.close();
  await repository.remove();
});

type Request = MessageInitShape<typeof ModelInferRequestSchema>;
const numbers = [9, 1, 0, -9, 0, 1];
const input = (more = {}) => ({ name: 'input', datatype: 'FP32', shape: [2n, 3n], ...more });
const typed = (more = {}): Request => ({
  ...{ modelName: 'gourds', id: 'a' },
  inputs: [input({ contents: { fp32Contents: numbers } })],
  ...more,
});
const infer = (request: Request, options = {}) =>
  served.client.call(methods.modelInfer, request, options);
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const element = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** What REST answers to the same request as JSON, and its outputs as the bytes of their datatypes. */
async function overRest(model: string, payload: object) {
  const response = await served.app.inject({
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    payload,
  });
  const body = response.json();
  return { body, bytes: response.statusCode === 200 ? body.outputs.map(bytesOf) : [] };
}
function bytesOf({ datatype, data }: { datatype: string; data: unknown[] }): Buffer {
  if (datatype === 'BYTES')
    return Buffer.concat(data.map((text) => element(Buffer.from(`${text}`))));
  return datatype === 'BOOL' ? Buffer.from(data.map(Number)) : floats(...data.map(Number));
}
const restTensor = (more = {}) => ({
  inputs: [{ name: 'input', datatype: 'FP32', shape: [2, 3], data: numbers, ...more }],
});

/** The typed contents of an answer, as bytes. */
function contentsOf({ outputs }: ModelInferResponse): Buffer[] {
  return outputs.map(({ datatype, contents }) => {
    if (datatype === 'BYTES') return Buffer.concat((contents?.bytesContents ?? []).map(element));
    if (datatype === 'BOOL') return Buffer.from((contents?.boolContents ?? []).map(Number));
    return floats(...(contents?.fp32Contents ?? []));
  });
}

/** How many calls have ended so. */
const ended = async (server: ServingApp, code: number) =>
  (await metricOf(server, metrics.requests.name, {
    route: grpcPath('ModelInfer'),
    code: `${code}`,
  })) ?? 0;
const inFlight = (server: ServingApp) => metricOf(server, metrics.requestsInFlight.name);

describe('metadata and health', () => {
  test('the server lives, is ready, and says what it is', async () => {
    const { client } = served;
    expect(await client.call(methods.serverLive, {})).toMatchObject({ live: true });
    expect(await client.call(methods.serverReady, {})).toMatchObject({ ready: true });
    const { name, version } = await client.call(methods.serverMetadata, {});
    expect({ name, version }).toEqual({ name: 'mainstem', version: '2' });
  });

  test.each(['', '0123456789ab'])(
    'a model says what REST says of it, version "%s"',
    async (version) => {
      const asked = { name: 'pumpkins', version };
      const found = await served.client.call(methods.modelMetadata, asked);
      const rest = (await served.app.inject('/v2/models/pumpkins')).json();
      const plain = (tensors: typeof found.inputs) =>
        tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) }));
      expect({
        ...{ name: found.name, versions: found.versions, platform: found.platform },
        ...{ inputs: plain(found.inputs), outputs: plain(found.outputs) },
        parameters: found.properties,
      }).toEqual(rest);
      expect(await served.client.call(methods.modelReady, asked)).toMatchObject({ ready: true });
    },
  );

  test.each([
    { name: 'turnips', version: '' },
    { name: 'gourds', version: 'ffffffffffff' },
  ])('what is not here is NOT_FOUND: $name $version', async (asked) => {
    const { client } = served;
    const missing = { code: status.NOT_FOUND };
    await expect(client.call(methods.modelMetadata, asked)).rejects.toMatchObject(missing);
    await expect(client.call(methods.modelReady, asked)).rejects.toMatchObject(missing);
  });

  test('a method that the protocol does not have is UNIMPLEMENTED', async () => {
    const call = openRawCall(served.address, 'ModelStatistics');
    expect(await call.status).toMatchObject({ code: status.UNIMPLEMENTED });
    call.destroy();
  });

  test('every method’s scope is named, so that a new one is closed until somebody decides', () => {
    const paths = Object.values(methods).map(({ name }) => grpcPath(name));
    expect(paths.length).toBe(9);
    expect(paths.filter((path) => !hasScope(path))).toEqual([]);
  });
});

describe('infer', () => {
  test.each(['gourds', 'prices'])(
    '%s: typed contents and raw ones answer as REST, bit for bit',
    async (model) => {
      const rest = await overRest(model, { id: 'a', ...restTensor() });
      const found = await infer(typed({ modelName: model }));
      expect(found).toMatchObject({ id: 'a', modelName: model, modelVersion: '0123456789ab' });
      expect(found.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual(
        rest.body.outputs.map(
          ({ name, datatype, shape }: { name: string; datatype: string; shape: number[] }) => ({
            ...{ name, datatype, shape: shape.map(BigInt) },
          }),
        ),
      );
      expect(contentsOf(found)).toEqual(rest.bytes);
      expect(found.rawOutputContents).toEqual([]);
      const raw = await infer({
        modelName: model,
        inputs: [input()],
        rawInputContents: [floats(...numbers)],
      });
      expect(raw.rawOutputContents.map((bytes) => Buffer.from(bytes))).toEqual(rest.bytes);
      expect(raw.outputs.map(({ contents }) => contents)).toEqual(raw.outputs.map(() => undefined));
      expect(raw.id).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  const whole = [9, 1, 0, 9, 0, 1];
  test.each([
    ['FP32', { fp32Contents: numbers }, Float32Array.from(numbers)],
    ['FP64', { fp64Contents: numbers }, Float64Array.from(numbers)],
    ['INT8', { intContents: numbers }, Int8Array.from(numbers)],
    ['INT16', { intContents: numbers }, Int16Array.from(numbers)],
    ['INT32', { intContents: numbers }, Int32Array.from(numbers)],
    ['INT64', { int64Contents: numbers.map(BigInt) }, BigInt64Array.from(numbers, BigInt)],
    ['UINT8', { uintContents: whole }, Uint8Array.from(whole)],
    ['UINT16', { uintContents: whole }, Uint16Array.from(whole)],
    ['UINT32', { uintContents: whole }, Uint32Array.from(whole)],
    ['UINT64', { uint64Contents: whole.map(BigInt) }, BigUint64Array.from(whole, BigInt)],
    ['FP16', null, Float16Array.from(numbers)],
  ])('%s is read as the numbers that it holds', async (datatype, contents, values) => {
    const data = Array.from<number | bigint>(values).map(Number);
    const rest = await overRest('gourds', restTensor({ datatype, data }));
    const raw = Buffer.from(values.buffer);
    const sent = { modelName: 'gourds', inputs: [input({ datatype })], rawInputContents: [raw] };
    const found = await infer(sent);
    expect(found.rawOutputContents.map((bytes) => Buffer.from(bytes))).toEqual(rest.bytes);
    if (contents) {
      const answer = await infer(typed({ inputs: [input({ datatype, contents })] }));
      expect(contentsOf(answer)).toEqual(rest.bytes);
    }
  });

  test('photos are BYTES, typed or raw, and are decoded as over REST', async () => {
    const photos = [await photoOf('bad'), await photoOf('good')];
    const data = photos.map((photo) => photo.toString('base64'));
    const rest = await overRest('pumpkins', {
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [2], data }],
    });
    const image = { name: 'image', datatype: 'BYTES', shape: [2n] };
    const found = await infer({
      modelName: 'pumpkins',
      inputs: [{ ...image, contents: { bytesContents: photos } }],
    });
    expect(contentsOf(found)).toEqual(rest.bytes);
    const rawInputContents = [Buffer.concat(photos.map(element))];
    const raw = await infer({ modelName: 'pumpkins', inputs: [image], rawInputContents });
    expect(raw.rawOutputContents.map((bytes) => Buffer.from(bytes))).toEqual(rest.bytes);
  });

  test('only the requested outputs come back', async () => {
    const found = await infer(typed({ outputs: [{ name: 'class' }] }));
    expect(found.outputs.map(({ name }) => name)).toEqual(['class']);
  });

  const rest = async (more: object) => (await overRest('gourds', more)).body.error;
  test.each<[string, Request, object]>([
    ['another shape', { inputs: [input({ shape: [2n, 2n] })] }, restTensor({ shape: [2, 2] })],
    ['another name', { inputs: [input({ name: 'pixels' })] }, restTensor({ name: 'pixels' })],
    ['booleans', { inputs: [input({ datatype: 'BOOL' })] }, restTensor({ datatype: 'BOOL' })],
    ['texts', { inputs: [input({ datatype: 'BYTES' })] }, restTensor({ datatype: 'BYTES' })],
    [
      'too few numbers',
      { inputs: [input({ contents: { fp32Contents: [1] } })] },
      restTensor({ data: [1] }),
    ],
    [
      'a number beyond FP32',
      { inputs: [input({ datatype: 'FP64', contents: { fp64Contents: [1e39, 1, 0, 1, 1, 1] } })] },
      restTensor({ datatype: 'FP64', data: [1e39, 1, 0, 1, 1, 1] }),
    ],
    [
      'what INT8 cannot hold',
      { inputs: [input({ datatype: 'INT8', contents: { intContents: [128, 1, 0, 1, 1, 1] } })] },
      restTensor({ datatype: 'INT8', data: [128, 1, 0, 1, 1, 1] }),
    ],
    [
      'an unknown output',
      typed({ outputs: [{ name: 'logits' }] }),
      { ...restTensor(), outputs: [{ name: 'logits' }] },
    ],
  ])('%s is INVALID_ARGUMENT in the words of REST', async (_, request, payload) => {
    await expect(infer({ modelName: 'gourds', ...request })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: await rest(payload),
    });
  });

  const raw = floats(...numbers);
  test.each<[string, Request]>([
    ['raw and typed contents', typed({ rawInputContents: [raw] })],
    [
      'raw contents of more inputs than there are',
      { inputs: [input()], rawInputContents: [raw, raw] },
    ],
    ['raw contents that are too short', { inputs: [input()], rawInputContents: [raw.subarray(4)] }],
    [
      'elements in the field of another datatype',
      { inputs: [input({ contents: { fp64Contents: numbers } })] },
    ],
    [
      'typed contents of FP16',
      { inputs: [input({ datatype: 'FP16', contents: { fp32Contents: numbers } })] },
    ],
    ['no input', {}],
    ['a negative dimension', { inputs: [input({ shape: [-2n, 3n] })] }],
    [
      'a NaN where the model takes none',
      { inputs: [input({ contents: { fp32Contents: [Number.NaN, ...numbers.slice(1)] } })] },
    ],
  ])('%s: INVALID_ARGUMENT', async (_, request) => {
    const sent = infer({ modelName: 'gourds', ...request });
    await expect(sent).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test('a number of rows that is negative is named from a shape that the model does not take', async () => {
    const shaped = (shape: bigint[]) => infer(typed({ inputs: [input({ shape })] }));
    await expect(shaped([-1n, 3n])).rejects.toMatchObject({
      message: expect.stringContaining('how many rows are sent, not -1'),
    });
    await expect(shaped([2n, -3n])).rejects.toMatchObject({
      message: expect.stringContaining('"input" has shape [-1, 3], not [2, -3]'),
    });
  });

  test.each<[string, Request]>([
    ['a model', typed({ modelName: 'turnips' })],
    ['a version', typed({ modelVersion: 'ffffffffffff' })],
  ])('%s that is not here: NOT_FOUND', async (_, request) => {
    await expect(infer(request)).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test('shared memory and classification are refused in words, not passed over', async () => {
    const region = { parameterChoice: { case: 'stringParam' as const, value: 'region' } };
    const shared = input({ parameters: { shared_memory_region: region } });
    await expect(infer({ modelName: 'gourds', inputs: [shared] })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('shared memory is not served'),
    });
    const two = { parameterChoice: { case: 'int64Param' as const, value: 2n } };
    const outputs = [{ name: 'probabilities', parameters: { classification: two } }];
    await expect(infer(typed({ outputs }))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('"probabilities"'),
    });
  });

  test('bytes that are no message are INVALID_ARGUMENT, and the answer names no path of the server', async () => {
    const call = openRawCall(served.address);
    const bytes = Buffer.from('this is not a message');
    call.write(Buffer.concat([messageHead(bytes.length), bytes]));
    call.end();
    const answer = await call.status;
    expect(answer).toMatchObject({
      code: status.INVALID_ARGUMENT,
      text: expect.stringContaining('its message is no inference.ModelInferRequest'),
    });
    expect(answer.text).not.toMatch(/\/work|\.ts|node_modules/);
    call.destroy();
  });

  test('what is rejected is counted with its model, and answers with their labels', async () => {
    const count = async () =>
      (await metricOf(served, metrics.rejected.name, { model: 'gourds', reason: 'schema' })) ?? NaN;
    const before = [await count(), await ended(served, 400), await ended(served, 200)];
    await expect(infer({ modelName: 'gourds' })).rejects.toThrow();
    await infer(typed());
    await vi.waitFor(async () => {
      const after = [await count(), await ended(served, 400), await ended(served, 200)];
      expect(after).toEqual(before.map((value) => value + 1));
    });
    expect(await inFlight(served)).toBe(1);
  });
});

describe('limits', () => {
  test('a message over the limit is refused by the length that it begins with', async () => {
    const before = await ended(served, 413);
    const call = openRawCall(served.address);
    call.write(messageHead(25_165_825));
    expect(await call.status).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      text: 'The request is larger than 25165824 bytes. Send less at once.',
    });
    call.destroy();
    expect(await ended(served, 413)).toBe(before + 1);
  });

  test('a small model takes small messages, whatever a larger one takes', async () => {
    const rawInputContents = [Buffer.alloc(1_000_000)];
    const sent = infer({ modelName: 'gourds', inputs: [input()], rawInputContents });
    await expect(sent).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringMatching(/^The request is larger than \d+ bytes\./),
    });
  });

  test.each<[string, Request]>([
    ['numbers', typed({ inputs: [input({ contents: { intContents: Array(3000).fill(1) } })] })],
    ['empty inputs', { modelName: 'gourds', inputs: Array(1500).fill({}) }],
    ['dimensions', { modelName: 'gourds', inputs: [input({ shape: Array(3000).fill(1n) })] }],
  ])('a message of many %s is refused before it is decoded', async (_, request) => {
    const own = await serveOnce({ values: 1000 });
    await expect(own.client.call(methods.modelInfer, request)).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: 'The request holds more than 1000 values. Send fewer at once.',
    });
  });

  test('more rows than the limit are RESOURCE_EXHAUSTED', async () => {
    const contents = { fp32Contents: Array(27).fill(1) };
    const sent = infer(typed({ inputs: [input({ shape: [9n, 3n], contents })] }));
    await expect(sent).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test('a compressed message is UNIMPLEMENTED: a few bytes could become any number', async () => {
    const call = openRawCall(served.address, 'ModelInfer', { 'grpc-encoding': 'gzip' });
    call.write(messageHead(10, 1));
    expect(await call.status).toMatchObject({ code: status.UNIMPLEMENTED });
    call.destroy();
  });

  test('places are shared with REST: while they are taken, both refuse, and health answers', async () => {
    const own = await serveOnce({ queue: 1 });
    const holder = openRawCall(own.address);
    holder.write(messageHead(100));
    await vi.waitFor(async () => expect(await inFlight(own)).toBe(2));
    const sent = own.client.call(methods.modelInfer, typed());
    await expect(sent).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('The server is busy'),
    });
    const payload = restTensor();
    const rest = await own.app.inject({ method: 'POST', url: '/v2/models/gourds/infer', payload });
    expect(rest.statusCode).toBe(503);
    expect(await own.client.call(methods.serverReady, {})).toMatchObject({ ready: true });
    holder.destroy();
    await vi.waitFor(async () => {
      expect(await own.client.call(methods.modelInfer, typed())).toMatchObject({ id: 'a' });
    });
    await vi.waitFor(async () => expect(await ended(own, 499)).toBe(1));
    expect(await ended(own, 503)).toBeGreaterThanOrEqual(1);
  });

  test('one that has been arriving for long gives way', async () => {
    const own = await serveOnce({ queue: 1 });
    const slow = openRawCall(own.address);
    slow.write(messageHead(100));
    await delay(2200);
    expect(await own.client.call(methods.modelInfer, typed())).toMatchObject({ id: 'a' });
    expect(await slow.status).toMatchObject({ code: status.UNAVAILABLE });
    slow.destroy();
  });

  test('the bytes of messages are counted while they arrive', async () => {
    const own = await serveOnce({ bytesInFlight: 2048 });
    const call = openRawCall(own.address);
    call.write(Buffer.concat([messageHead(100_000), Buffer.alloc(3000)]));
    expect(await call.status).toEqual({
      code: status.UNAVAILABLE,
      text: expect.stringContaining('it holds all the bytes it can'),
    });
    call.destroy();
  });

  test('a call for another host is refused on loopback', async () => {
    const call = openRawCall(served.address, 'ServerLive', { ':authority': 'evil.example' });
    expect(await call.status).toMatchObject({
      code: status.PERMISSION_DENIED,
      text: expect.stringContaining('evil.example'),
    });
    call.destroy();
  });
});

describe('clients that do not wait', () => {
  /** Photos whose decoding takes a while. */
  const slowRequest = async (): Promise<Request> => {
    const create = { width: 2400, height: 2400, channels: 3, background: 'orange' } as const;
    const photo = await sharp({ create }).png().toBuffer();
    const contents = { bytesContents: Array(16).fill(photo) };
    const image = { name: 'image', datatype: 'BYTES', shape: [16n], contents };
    return { modelName: 'pumpkins', inputs: [image] };
  };
  const predicted = () => metricOf(served, metrics.predictions.name, { model: 'pumpkins' });

  test.each([
    ['a client that cancels', status.CANCELLED],
    ['a deadline that passes', status.DEADLINE_EXCEEDED],
  ])('%s ends the work, and is counted as 499', async (_, code) => {
    const request = await slowRequest();
    // How long the work takes depends on the machine; the first time more is loaded and compiled.
    const took: number[] = [];
    for (const _ of [1, 2]) {
      const began = performance.now();
      await infer(request);
      took.push(performance.now() - began);
    }
    const within = Math.ceil(Math.min(...took) / 4);
    const before = [await predicted(), await ended(served, 499)];
    const limit = code === status.CANCELLED ? { signal: AbortSignal.timeout(within) } : { within };
    await expect(infer(request, limit)).rejects.toMatchObject({ code });
    await vi.waitFor(async () => expect(await ended(served, 499)).toBe((before[1] ?? 0) + 1));
    await delay(1500);
    expect(await predicted()).toBe(before[0]);
    expect(await inFlight(served)).toBe(1);
    expect(await infer(typed())).toMatchObject({ id: 'a' });
  });
});

describe('access', () => {
  const keys = {
    stand: makeKey('stand'),
    prometheus: makeKey('prometheus', { scopes: ['metrics'] }),
    slow: makeKey('slow', { rate: 1 }),
    old: makeKey('old', { expiresAt: '2020-01-01T00:00:00.000Z' }),
    chief: makeKey('chief', { scopes: ['admin'] }),
  };
  let guarded: ModelRepository;
  let own: Served;
  beforeAll(async () => {
    guarded = await createModelRepository(gourds);
    await writeKeys(guarded.root, ...Object.values(keys));
    own = await serve({ model: '' }, guarded.root);
  });
  afterAll(async () => {
    own.client.close();
    await own.app.close();
    await guarded.remove();
  });
  const call = (headers = {}) => own.client.call(methods.modelInfer, typed(), { headers });

  test.each([
    ['no key', {}, status.UNAUTHENTICATED],
    ['an unknown key', bearer(makeKey('other').text), status.UNAUTHENTICATED],
    ['an expired key', bearer(keys.old.text), status.UNAUTHENTICATED],
    ['another scheme', { authorization: `Basic ${keys.stand.text}` }, status.UNAUTHENTICATED],
    ['a key for something else', bearer(keys.prometheus.text), status.PERMISSION_DENIED],
  ])('%s is refused before the message is read', async (_, headers, code) => {
    await expect(call(headers)).rejects.toMatchObject({ code });
    const unsent = openRawCall(own.address, 'ModelInfer', headers);
    expect(await unsent.status).toMatchObject({ code });
    unsent.destroy();
  });

  test('a key with the scope answers, and calls are counted by its name', async () => {
    expect(await call(bearer(keys.stand.text))).toMatchObject({ id: 'a' });
    const { payload } = await own.app.inject({
      url: '/metrics',
      headers: bearer(keys.prometheus.text),
    });
    expect(payload).toMatch(/access_requests_total\{key="stand",outcome="admitted"\} 1/);
    expect(payload).toMatch(/access_requests_total\{key="",outcome="missing"\} \d/);
  });

  test('what is loaded is for administrators, as under REST', async () => {
    const { repositoryIndex, repositoryModelLoad, repositoryModelUnload } = methods;
    const asked = { modelName: 'gourds' };
    for (const ask of [
      (headers = {}) => own.client.call(repositoryIndex, {}, { headers }),
      (headers = {}) => own.client.call(repositoryModelLoad, asked, { headers }),
      (headers = {}) => own.client.call(repositoryModelUnload, asked, { headers }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      const refused = ask(bearer(keys.stand.text));
      await expect(refused).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
      await expect(ask(bearer(keys.chief.text))).resolves.toBeDefined();
    }
  });

  test('a key’s rate holds for gRPC, too, and says when to come again', async () => {
    await call(bearer(keys.slow.text));
    const error = await call(bearer(keys.slow.text)).catch((reason) => reason);
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(Number(error.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(1000);
  });

  test('health is open: what probes a server holds no key', async () => {
    expect(await own.client.call(methods.serverLive, {})).toMatchObject({ live: true });
    expect(await own.client.call(methods.serverReady, {})).toMatchObject({ ready: true });
    await expect(own.client.call(methods.serverMetadata, {})).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
    });
  });
});

test('without a port there is no gRPC', async () => {
  const { app, listenGrpc } = await serveModels(repository.root);
  expect(await listenGrpc({ host: '127.0.0.1', port: 0 })).toBeNull();
  await app.close();
});

test('a server that stops is not ready, and answers what it has begun', async () => {
  const own = await serve();
  own.drain();
  expect(await own.client.call(methods.serverReady, {})).toMatchObject({ ready: false });
  const message = Buffer.from(
    toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, typed())),
  );
  const begun = openRawCall(own.address);
  begun.write(Buffer.concat([messageHead(message.length), message.subarray(0, 10)]));
  await vi.waitFor(async () => expect(await inFlight(own)).toBe(2));
  const closed = own.app.close();
  await delay(100);
  begun.write(message.subarray(10));
  begun.end();
  expect(await begun.status).toMatchObject({ code: status.OK });
  await closed;
  begun.destroy();
  await expect(own.client.call(methods.serverLive, {}, { within: 2000 })).rejects.toThrow();
  own.client.close();
});
