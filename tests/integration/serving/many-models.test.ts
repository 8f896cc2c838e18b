import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { measureNetwork } from '../../../serving/inference/measure-network.ts';
import { buildLargeTable } from '../../fixtures/large-network.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  type RecordPart,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { changeInStore, promoteVersion, recordOf, tryVersion } from '../../helpers/versions.ts';

/** So large that what else a process needs does not blur what a network takes. */
const fileBytes = 400_000;
const names = ['aspen', 'birch', 'cedar', 'elm', 'fir', 'larch'];
/** What one of them takes, as the server measures it: on one thread. */
let each: number;
let repository: ModelRepository;
let serving: ServingApp | undefined;
/** Two models fit, three do not. */
const room = () => Math.round(2.6 * each);

beforeAll(async () => {
  const onnx = buildLargeTable(fileBytes, 1);
  each = onnx.length + (await measureNetwork(onnx, [1, 3]));
});
afterEach(async () => {
  await serving?.app.close();
  serving = undefined;
  await repository.remove();
});

/** The models answer alike but for their classes, which say whose answer it is. */
const partOf = (model: string, at: number): RecordPart => ({
  ...gourds,
  model,
  classes: [`${model}-big`, `${model}-small`],
  page: { ...gourds.page, classes: { [`${model}-big`]: 'big', [`${model}-small`]: 'small' } },
  onnx: buildLargeTable(fileBytes, at + 1),
});

async function serve(settings: object = {}, models = names) {
  repository = await createModelRepository(...models.map(partOf));
  return start(settings);
}

async function start(settings: object = {}) {
  const common = { followSeconds: 0, preload: 'none', modelsMemory: room() };
  serving = await serveModels(repository.root, { ...common, ...settings });
  return serving;
}

const ask = ({ app }: ServingApp, model: string, weight = 9) =>
  app.inject({ method: 'POST', url: `/models/${model}/predict`, payload: { weight } });

async function classOf(server: ServingApp, model: string, weight = 9): Promise<string> {
  const answer = await ask(server, model, weight);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().results[0].class;
}

async function indexOf({ app }: ServingApp, payload: object = {}) {
  const answer = await app.inject({ method: 'POST', url: '/v2/repository/index', payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { name: string; version: string; state: string; reason: string }[];
}
const loaded = async (server: ServingApp) =>
  (await indexOf(server, { ready: true })).map(({ name }) => name);

const loadsOf = (server: ServingApp, model: string, outcome = 'loaded') =>
  metricOf(server, metrics.modelLoads.name, { model, outcome });
const change = ({ app }: ServingApp, model: string, verb: string, payload: object = {}) =>
  app.inject({ method: 'POST', url: `/v2/repository/models/${model}/${verb}`, payload });

describe('a server with more models than fit into its memory', () => {
  test('loads one at its first request and unloads the one that was not used for longest', async () => {
    const server = await serve();
    expect(await loaded(server)).toEqual([]);
    expect((await server.app.inject('/readyz')).statusCode).toBe(200);
    for (const name of ['aspen', 'birch', 'aspen', 'cedar'])
      expect(await classOf(server, name)).toBe(`${name}-big`);
    expect(await loaded(server)).toEqual(['aspen', 'cedar']);
    expect(await loadsOf(server, 'aspen')).toBe(1);
    expect(await metricOf(server, metrics.modelUnloads.name, { model: 'birch' })).toBe(1);
    expect(await metricOf(server, metrics.loadedModels.name)).toBe(2);
    expect(await metricOf(server, metrics.loadedLimit.name)).toBe(room());
    // Both were measured by themselves, so they differ a little.
    const bytes = await metricOf(server, metrics.loadedBytes.name);
    expect(bytes).toBeGreaterThan(1.5 * each);
    expect(bytes).toBeLessThanOrEqual(room());
  });

  test('answers every request as a server with that model alone, and never goes over its bound', async () => {
    const server = await serve({
      followSeconds: 0.2,
      grpcPort: 0,
      workers: 2,
      modelsMemory: 2 * room(),
    });
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const address = await server.listenGrpc({ host: '127.0.0.1', port: 0 });
    const grpc = connectGrpc(address ?? '');
    const random = createRandom(7);
    const wrong: unknown[] = [];
    const bounds: number[] = [];
    let running = true;
    const overRest = async (name: string, weight: number) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ weight });
      const response = await fetch(`${url}/models/${name}/predict`, {
        method: 'POST',
        headers,
        body,
      });
      if (!response.ok) throw new Error(await response.text());
      const { model, results } = await response.json();
      return { model, class: results[0].class };
    };
    const overGrpc = async (name: string, weight: number) => {
      const contents = { fp32Contents: [(weight - 4) / 2, 0, 0] };
      const inputs = [{ name: 'input', datatype: 'FP32', shape: [1n, 3n], contents }];
      const asked = { modelName: name, inputs };
      const { modelName, outputs } = await grpc.call(GRPCInferenceService.method.modelInfer, asked);
      const named = outputs.find((one) => one.name === 'class');
      return {
        model: modelName,
        class: Buffer.from(named?.contents?.bytesContents[0] ?? []).toString(),
      };
    };
    const client = async (send: typeof overRest) => {
      for (let asked = 0; asked < 12; asked++) {
        const name = names[asked < 6 ? asked : random.int(names.length)] ?? '';
        const weight = random.next() < 0.5 ? 9 : 1;
        const expected = { model: name, class: `${name}-${weight === 9 ? 'big' : 'small'}` };
        const found = await send(name, weight).catch(String);
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ found, expected });
      }
    };
    const watch = async () => {
      while (running) {
        bounds.push((await metricOf(server, metrics.loadedBytes.name)) ?? Number.NaN);
        await delay(20);
      }
    };
    const clients = [overRest, overRest, overRest, overRest, overGrpc, overGrpc].map(client);
    const watching = watch();
    await Promise.all(clients);
    running = false;
    await watching;
    grpc.close();
    expect(wrong).toEqual([]);
    expect(Math.max(...bounds)).toBeLessThanOrEqual(2 * room());
    for (const name of names) expect(await loadsOf(server, name)).toBeGreaterThan(0);
  }, 120_000);

  test('loads a model once for all who ask for it first at the same time', async () => {
    const server = await serve();
    const answers = await Promise.all(Array.from({ length: 20 }, () => classOf(server, 'elm')));
    expect(new Set(answers)).toEqual(new Set(['elm-big']));
    expect(await loadsOf(server, 'elm')).toBe(1);
  });

  test('starts with the models that are named, or with as many as fit', async () => {
    const server = await serve({ preload: 'larch' });
    expect(await loaded(server)).toEqual(['larch']);
    await server.app.close();
    const all = await start({ preload: '*' });
    await expect.poll(() => loaded(all), { timeout: 15_000 }).toEqual(['aspen', 'birch']);
    expect(await metricOf(all, metrics.modelUnloads.name, { model: 'aspen' })).toBe(0);
    await all.app.close();
    await expect(start({ preload: 'oak' })).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    await expect(start({ preload: 'aspen,birch,cedar' })).rejects.toMatchObject({
      code: 'SERVING_MODEL_TOO_LARGE',
    });
  });

  test('never unloads a pinned model', async () => {
    const server = await serve({ pinned: 'elm' });
    for (const name of names) expect(await classOf(server, name)).toBe(`${name}-big`);
    expect(await loaded(server)).toEqual(['elm', 'larch']);
    expect(await loadsOf(server, 'elm')).toBe(1);
    const refused = await change(server, 'elm', 'unload');
    expect(refused.statusCode).toBe(400);
    expect(refused.json().error).toContain('pinned');
  });
});

describe('a model that cannot be loaded', () => {
  test('is refused in words where it alone takes more than the bound, and costs the others nothing', async () => {
    const server = await serve({ modelsMemory: Math.round(1.6 * each) }, ['aspen']);
    const large = { ...partOf('oak', 9), onnx: buildLargeTable(4 * fileBytes, 9) };
    await promoteVersion(repository, large, { run: '0123456789ab', network: large.onnx });
    expect(await classOf(server, 'aspen')).toBe('aspen-big');
    await server.follow();
    await server.follow();
    // A version that has never served is refused as any other that cannot, and named.
    expect((await ask(server, 'oak')).statusCode).toBe(404);
    const { models, refused } = (await server.app.inject('/version')).json();
    expect(JSON.stringify(models)).not.toContain('oak');
    expect(refused).toMatchObject([{ model: 'oak', code: 'SERVING_MODEL_TOO_LARGE' }]);
    await server.app.close();
    const again = await start({ modelsMemory: Math.round(1.6 * each) });
    expect(await classOf(again, 'aspen')).toBe('aspen-big');
    const answer = await ask(again, 'oak');
    expect(answer.statusCode).toBe(507);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(answer.json()).toMatchObject({ code: 'SERVING_MODEL_TOO_LARGE' });
    expect(await loaded(again)).toEqual(['aspen']);
    expect((await again.app.inject('/v2/models/oak/ready')).statusCode).toBe(507);
    expect((await again.app.inject('/v2/health/ready')).statusCode).toBe(200);
  });

  test('is reported, is not tried again at once, and answers when it can be loaded', async () => {
    const server = await serve();
    await changeInStore(repository.root, 'MatMul', 'MatMux');
    const first = await ask(server, 'fir');
    expect(first.statusCode).toBe(503);
    expect(first.headers['retry-after']).toBe('1');
    expect(first.json()).toMatchObject({ code: 'SERVING_MODEL_UNLOADABLE' });
    const more = await Promise.all(Array.from({ length: 10 }, () => ask(server, 'fir')));
    expect(new Set(more.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
    expect(await loadsOf(server, 'fir', 'failed')).toBe(1);
    const ready = await server.app.inject('/v2/models/fir/ready');
    expect(ready.statusCode).toBe(503);
    const index = await indexOf(server);
    expect(index.find(({ name }) => name === 'fir')).toMatchObject({
      state: 'UNAVAILABLE',
      reason: expect.stringContaining('cannot be loaded'),
    });
    expect((await server.app.inject('/readyz')).statusCode).toBe(200);
    await changeInStore(repository.root, 'MatMux', 'MatMul');
    // Whoever asks for it to be loaded need not wait.
    expect((await change(server, 'fir', 'load')).statusCode).toBe(200);
    expect(await classOf(server, 'fir')).toBe('fir-big');
  });

  test('in time is waited for no longer than the settings say, and is there for the next request', async () => {
    const server = await serve({ loadSeconds: 0.01 });
    const answer = await ask(server, 'elm');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'SERVING_LOAD_SLOW' });
    await expect.poll(() => loaded(server), { timeout: 15_000 }).toEqual(['elm']);
    expect(await classOf(server, 'elm')).toBe('elm-big');
  });

  test('keeps no more than half of the places busy', async () => {
    const server = await serve({ queue: 8 });
    expect(await classOf(server, 'aspen')).toBe('aspen-big');
    const waiting = Array.from({ length: 6 }, () => ask(server, 'elm'));
    const warm = await Promise.all([ask(server, 'aspen'), ask(server, 'aspen')]);
    expect(warm.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const codes = (await Promise.all(waiting)).map(({ statusCode }) => statusCode).sort();
    expect(codes).toEqual([200, 200, 200, 200, 503, 503]);
  });
});

describe('pointers', () => {
  const run = 'aaaaaaaaaaaa';
  const turned = (name: string, seed: number) => ({
    part: { ...partOf(name, 0), classes: [`${name}-small`, `${name}-big`] },
    version: { run, network: buildLargeTable(fileBytes, seed) },
  });

  test('of a model that is loaded and of one that is not are followed; a rollback needs neither to be there', async () => {
    const server = await serve();
    expect(await classOf(server, 'aspen')).toBe('aspen-big');
    for (const [name, seed] of [
      ['aspen', 50],
      ['fir', 51],
    ] as const) {
      const { part, version } = turned(name, seed);
      await promoteVersion(repository, part, version);
    }
    await server.follow();
    for (const name of ['aspen', 'fir', 'elm', 'cedar'])
      expect(await classOf(server, name)).toBe(
        `${name}-${/aspen|fir/.test(name) ? 'small' : 'big'}`,
      );
    await promoteVersion(repository, partOf('fir', 4), {
      run: '0123456789ab',
      network: buildLargeTable(fileBytes, 5),
    });
    await server.follow();
    expect(await classOf(server, 'fir')).toBe('fir-big');
    expect(await metricOf(server, metrics.loadedBytes.name)).toBeLessThanOrEqual(room());
  });

  test('try a canary and a shadow that share the room with all others', async () => {
    const server = await serve();
    const { part, version } = turned('aspen', 60);
    const record = await recordOf(repository.root, part, version);
    await tryVersion(repository.root, 'canary', record, { share: 1 });
    await server.follow();
    for (const name of ['birch', 'cedar']) await classOf(server, name);
    expect(await classOf(server, 'aspen')).toBe('aspen-small');
    await expect
      .poll(
        () =>
          metricOf(server, metrics.comparedAnswers.name, {
            ...{ model: 'aspen', version: run, outcome: 'disagreed' },
          }),
        { timeout: 15_000 },
      )
      .toBe(1);
    await rm(join(repository.root, 'models/aspen/canary.json'));
    await server.follow();
    expect(await classOf(server, 'aspen')).toBe('aspen-big');
  });
});

describe('loading and unloading by request', () => {
  test('changes what is in memory, not what serves', async () => {
    const server = await serve();
    expect((await change(server, 'elm', 'load')).statusCode).toBe(200);
    expect(await loaded(server)).toEqual(['elm']);
    const unloaded = await change(server, 'elm', 'unload', {
      parameters: { unload_dependents: true },
    });
    expect([unloaded.statusCode, unloaded.body]).toEqual([200, '']);
    expect(await indexOf(server)).toContainEqual({
      ...{ name: 'elm', version: '0123456789ab', state: 'UNAVAILABLE' },
      reason: 'not loaded; the next request for it loads it',
    });
    expect((await server.app.inject('/v2/models/elm/ready')).json()).toEqual({ ready: true });
    expect(await classOf(server, 'elm')).toBe('elm-big');
  });

  test('says and does over gRPC what it does over REST, in the messages of Triton and of KServe', async () => {
    const server = await serve({ grpcPort: 0, pinned: 'fir' });
    const client = connectGrpc((await server.listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
    onTestFinished(client.close);
    const { repositoryIndex, repositoryModelLoad, repositoryModelUnload } =
      GRPCInferenceService.method;
    const indexOverGrpc = async (ready = false) => {
      const { models } = await client.call(repositoryIndex, { ready });
      return models.map(({ name, version, state, reason }) => ({ name, version, state, reason }));
    };
    const triton = { modelName: 'elm', parameters: {} };
    expect(await client.call(repositoryModelLoad, triton)).toMatchObject({
      ...{ modelName: 'elm', isLoaded: true },
    });
    expect(await loaded(server)).toEqual(['elm', 'fir']);
    expect(await indexOverGrpc()).toEqual(await indexOf(server));
    expect(await indexOverGrpc(true)).toEqual(await indexOf(server, { ready: true }));

    // KServe's request has the model's name in field 1.
    const kserve = { repositoryName: 'elm' };
    expect(await client.call(repositoryModelUnload, kserve)).toMatchObject({
      ...{ modelName: 'elm', isUnloaded: true },
    });
    expect(await loaded(server)).toEqual(['fir']);
    expect(await classOf(server, 'elm')).toBe('elm-big');
  });

  test.each([
    ['an unknown model', 'repositoryModelLoad', { modelName: 'oak' }, 'NOT_FOUND', /oak/],
    ['no name', 'repositoryModelUnload', {}, 'NOT_FOUND', /""/],
    [
      'a pinned model',
      'repositoryModelUnload',
      { modelName: 'fir' },
      ...(['INVALID_ARGUMENT', /pinned/] as const),
    ],
    [
      'settings',
      'repositoryModelLoad',
      {
        modelName: 'elm',
        parameters: { config: { parameterChoice: { case: 'stringParam', value: '{}' } } },
      },
      ...(['INVALID_ARGUMENT', /"config"/] as const),
    ],
    [
      'another repository',
      'repositoryModelLoad',
      { modelName: 'elm', repositoryName: 'mine' },
      ...(['INVALID_ARGUMENT', /repository/] as const),
    ],
  ] as const)('over gRPC is refused for %s', async (_, name, request, code, details) => {
    const server = await serve({ grpcPort: 0, pinned: 'fir' });
    const client = connectGrpc((await server.listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
    onTestFinished(client.close);
    const before = await loaded(server);
    const { repositoryModelLoad, repositoryModelUnload } = GRPCInferenceService.method;
    const asked =
      name === 'repositoryModelLoad'
        ? client.call(repositoryModelLoad, request)
        : client.call(repositoryModelUnload, request);
    await expect(asked).rejects.toMatchObject({
      code: status[code],
      details: expect.stringMatching(details),
    });
    expect(await loaded(server)).toEqual(before);
  });

  test('waits for the requests of a model, and fails none that comes meanwhile', async () => {
    const server = await serve();
    await classOf(server, 'elm');
    const asked = Array.from({ length: 30 }, async (_, at) => {
      await delay(at);
      return at % 10 === 9
        ? (await change(server, 'elm', 'unload')).statusCode
        : classOf(server, 'elm');
    });
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['elm-big', 200]));
  });

  test('takes no networks and no settings, and no request of another web site', async () => {
    const server = await serve();
    const settings = await change(server, 'elm', 'load', { parameters: { config: '{}' } });
    expect(settings.statusCode).toBe(400);
    expect(settings.json().error).toContain('"config"');
    expect((await change(server, 'oak', 'load')).statusCode).toBe(404);
    const url = '/v2/repository/models/elm/unload';
    const headers = { 'sec-fetch-site': 'cross-site' };
    const foreign = await server.app.inject({ method: 'POST', url, headers, payload: {} });
    expect(foreign.statusCode).toBe(403);
    const { paths } = (await server.app.inject('/openapi.json')).json();
    expect(paths['/v2/repository/index'].post.requestBody.required).toBe(false);
    const bare = await server.app.inject({ method: 'POST', url: '/v2/repository/index' });
    expect([bare.statusCode, bare.json().length]).toEqual([200, names.length]);
    const wrong = await server.app.inject({
      method: 'POST',
      url: '/v2/repository/index',
      payload: { ready: 1 },
    });
    expect(wrong.statusCode).toBe(400);
  });
});

test('without a bound all are loaded at the start, as before, and none is ever unloaded', async () => {
  const server = await serve({ modelsMemory: 0, preload: '*' }, names.slice(0, 3));
  expect(await loaded(server)).toEqual(names.slice(0, 3));
  expect(await metricOf(server, metrics.loadedBytes.name)).toBeGreaterThan(3 * 2 * fileBytes);
  for (const name of names.slice(0, 3)) expect(await classOf(server, name)).toBe(`${name}-big`);
  expect(await loadsOf(server, 'aspen')).toBe(0);
});
