import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { loadPromoted } from '../../../platform/registry/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  buildRecord,
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { changeInStore, networkWith, promoteVersion, recordOf } from '../../helpers/versions.ts';

/** The runs of the fixture's first version and of two more. */
const [first, second, third] = ['0123456789ab', 'aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
/** The same network with its classes exchanged: the answer shows which version gave it. */
const turned = { ...gourds, classes: ['small', 'big'] };
let repository: ModelRepository;
let serving: ServingApp | undefined;

beforeEach(async () => {
  repository = await createModelRepository(gourds, prices);
});
afterEach(async () => {
  await serving?.app.close();
  serving = undefined;
  await repository.remove();
});

async function serve(settings = {}) {
  serving = await serveModels(repository.root, { workers: 2, followSeconds: 0, ...settings });
  return serving;
}

const promote = async (run: string, part = turned, network?: Uint8Array) =>
  promoteVersion(repository, part, { run, network: network ?? (await networkWith(run)) });

async function predict({ app }: ServingApp, payload: object = { weight: 9 }) {
  const answer = await app.inject({ method: 'POST', url: '/predict', payload });
  expect(answer.statusCode).toBe(200);
  const { version, results } = answer.json();
  return { version, class: results[0].class };
}

async function lookTwice({ follow }: ServingApp) {
  await follow();
  await follow();
}

const served = async ({ app }: ServingApp) =>
  Object.fromEntries(
    (await app.inject('/version'))
      .json()
      .models.map((one: { model: string; version: string; refused?: object[] }) => [
        one.model,
        one.refused?.[0] ?? one.version,
      ]),
  );

async function seriesOf({ app }: ServingApp, version: string): Promise<string[]> {
  const text = (await app.inject('/metrics')).body;
  return text.split('\n').filter((line) => line.includes(`version="${version}"`));
}

test('a promotion and a rollback reach a running server under load, and no request is lost over REST or gRPC', async () => {
  const server = await serve({ followSeconds: 0.05, grpcPort: 0 });
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const address = await server.listenGrpc({ host: '127.0.0.1', port: 0 });
  const grpc = connectGrpc(address ?? '');
  const answers: { version: string; class: string }[] = [];
  const failures: unknown[] = [];
  let running = true;
  const client = async (ask: () => Promise<{ version: string; class: string }>) => {
    while (running) await ask().then((one) => answers.push(one), failures.push.bind(failures));
  };
  const overRest = async () => {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: '{"weight":9}' };
    const response = await fetch(`${url}/predict`, request);
    if (!response.ok) throw new Error(await response.text());
    const { version, results } = await response.json();
    return { version, class: results[0].class };
  };
  const overGrpc = async () => {
    const { modelVersion, outputs } = await grpc.call(GRPCInferenceService.method.modelInfer, {
      modelName: 'gourds',
      inputs: [
        { name: 'input', datatype: 'FP32', shape: [1n, 3n], contents: { fp32Contents: [3, 1, 0] } },
      ],
    });
    const named = outputs.find(({ name }) => name === 'class');
    const [bytes] = named?.contents?.bytesContents ?? [];
    return { version: modelVersion, class: Buffer.from(bytes ?? []).toString() };
  };
  const clients = [overRest, overRest, overRest, overGrpc].map(client);
  const reaches = (run: string) =>
    expect
      .poll(async () => (await served(server)).gourds, { timeout: 15_000, interval: 50 })
      .toBe(run);
  await delay(200);
  await promote(second);
  await reaches(second);
  await delay(200);
  await promote(first, gourds, await networkOfFirst());
  await reaches(first);
  await promote(third);
  await reaches(third);
  await delay(200);
  running = false;
  await Promise.all(clients);
  grpc.close();
  expect(failures).toEqual([]);
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([first, second, third]));
  for (const { version, class: answered } of answers)
    expect(answered).toBe(version === first ? 'big' : 'small');
}, 60_000);

const networkOfFirst = async () => (await networkWith('')).subarray(0, -2);

test('the version from before stays loaded: a rollback needs nothing of the store', async () => {
  const server = await serve();
  await promote(second);
  await server.follow();
  expect(await predict(server)).toEqual({ version: second, class: 'small' });
  await rm(join(repository.root, '.mainstem/store'), { recursive: true });
  await repository.promote(await firstRecord());
  await server.follow();
  expect(await predict(server)).toEqual({ version: first, class: 'big' });
});

async function firstRecord() {
  const network = await networkOfFirst();
  const onnx = {
    digest: digestBytes(network),
    bytes: network.length,
    mediaType: 'application/onnx',
  };
  return buildRecord(gourds, onnx, first);
}

test('counters, reference and log go by the version that answered; one that nothing needs leaves no series', async () => {
  const server = await serve();
  await predict(server);
  await promote(second);
  await server.follow();
  await predict(server);
  const info = metrics.modelInfo.name;
  expect((await seriesOf(server, first)).some((line) => line.startsWith(info))).toBe(true);
  const ofGourds = (lines: string[]) => lines.filter((line) => line.includes('model="gourds"'));
  const before = ofGourds(await seriesOf(server, first));
  const after = ofGourds(await seriesOf(server, second));
  expect(before.some((line) => line.startsWith(info))).toBe(false);
  expect(before.some((line) => line.startsWith(metrics.referenceBins.name))).toBe(false);
  expect(after.some((line) => line.startsWith(metrics.referenceBins.name))).toBe(true);
  const answered = { version: second, class: 'small', accepted: 'true' };
  expect(await metricOf(server, metrics.predictions.name, { model: 'gourds', ...answered })).toBe(
    1,
  );
  await promote(third);
  await server.follow();
  await delay(20);
  expect(ofGourds(await seriesOf(server, first))).toEqual([]);
  expect(
    await metricOf(server, metrics.modelSwitches.name, { model: 'gourds', outcome: 'switched' }),
  ).toBe(2);
});

test('a request that has begun is answered by the version it was chosen for, however often others are promoted', async () => {
  const server = await serve();
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  let finish = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('{"wei'));
      finish = () => {
        controller.enqueue(Buffer.from('ght":9}'));
        controller.close();
      };
    },
  });
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
  const answer = fetch(`${url}/predict`, request);
  await expect
    .poll(() => metricOf(server, metrics.requestsInFlight.name), { timeout: 5000 })
    .toBe(2);
  for (const run of [second, third]) {
    await promote(run);
    await server.follow();
  }
  finish();
  expect(await (await answer).json()).toMatchObject({
    version: first,
    results: [{ class: 'big' }],
  });
  await expect.poll(async () => (await predict(server)).version, { timeout: 15_000 }).toBe(third);
});

test('a network that is damaged in the store is refused and told of, what served goes on, and the repaired one takes over', async () => {
  const server = await serve();
  await promote(second);
  expect(await changeInStore(repository.root, second, 'AAAAAAAAAAAA')).toBe(1);
  await lookTwice(server);
  expect(await predict(server)).toEqual({ version: first, class: 'big' });
  expect((await server.app.inject('/readyz')).json()).toEqual({
    status: 'ready',
    models: 'refused',
  });
  const refused = () => metricOf(server, metrics.pointerRefused.name, { model: 'gourds' });
  expect(await served(server)).toMatchObject({ gourds: { version: second } });
  expect(await refused()).toBe(1);
  await changeInStore(repository.root, 'AAAAAAAAAAAA', second);
  await expect
    .poll(
      async () => {
        await server.follow();
        return (await predict(server)).version;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBe(second);
  expect((await server.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  expect(await refused()).toBe(0);
});

test('a version whose bytes have not come serves when they come, and a server that starts without them says what is missing', async () => {
  const server = await serve();
  const network = await networkWith('comes later');
  const elsewhere = await createModelRepository(gourds);
  const record = await recordOf(elsewhere.root, turned, { run: second, network });
  await elsewhere.remove();
  await repository.promote(record);
  await lookTwice(server);
  expect(await predict(server)).toMatchObject({ version: first });
  expect(await served(server)).toMatchObject({
    gourds: { version: second, code: 'STORE_MISSING' },
  });
  const { root } = repository;
  await expect(serveModels(root)).rejects.toMatchObject({ code: 'STORE_MISSING' });
  await openStore(root).put(network, 'application/onnx');
  await expect
    .poll(
      async () => {
        await server.follow();
        return (await predict(server)).version;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBe(second);
});

test.for([
  ['whose outputs are not its classes', () => networkWith('x', 'regression')],
  ['that takes other inputs', () => networkWith('x', 'colours')],
  ['that is not a network', async () => Buffer.from('no network at all')],
] as const)(
  'a network %s is refused before a request reaches it',
  async ([, network], { expect }) => {
    const server = await serve();
    await promote(second, gourds, await network());
    await lookTwice(server);
    expect(await predict(server)).toEqual({ version: first, class: 'big' });
    const { code, version } = (await served(server)).gourds;
    expect(version).toBe(second);
    expect(['SERVING_REHEARSAL_FAILED', 'SERVING_WORKER_FAILED']).toContain(code);
    // What could not serve is unloaded everywhere: a good one takes over on every thread.
    await promote(third);
    await server.follow();
    const answers = await Promise.all(Array.from({ length: 8 }, () => predict(server)));
    for (const answer of answers) expect(answer).toEqual({ version: third, class: 'small' });
  },
);

test('a pointer that is half written is read again, and one that is damaged is reported', async () => {
  const server = await serve();
  const path = join(repository.root, 'models/gourds/production.json');
  await writeFile(path, '{"version": 1, "mo');
  await server.follow();
  expect((await server.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  await server.follow();
  expect((await server.app.inject('/readyz')).json()).toMatchObject({ models: 'refused' });
  expect(await predict(server)).toMatchObject({ version: first });
  await promote(second);
  await server.follow();
  expect(await predict(server)).toMatchObject({ version: second });
  expect((await server.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
});

test('a model that is promoted first while the server runs is served, and one whose pointer goes is not', async () => {
  const server = await serve();
  const more = await createModelRepository(pumpkins);
  const promoted = await loadPromoted(more.root, 'pumpkins');
  if (!promoted) throw new Error('nothing is promoted');
  await openStore(repository.root).put(await networkOfColours(), 'application/onnx');
  await repository.promote(promoted.record);
  await more.remove();
  await server.follow();
  const answer = await server.app.inject({
    method: 'POST',
    url: '/models/pumpkins/predict',
    headers: { 'content-type': 'image/jpeg' },
    payload: await photoOf('bad'),
  });
  expect(answer.json()).toMatchObject({ results: [{ class: 'bad' }] });
  await rm(join(repository.root, 'models/prices/production.json'));
  await server.follow();
  expect(Object.keys(await served(server))).toEqual(['gourds', 'prices', 'pumpkins']);
  await server.follow();
  expect(Object.keys(await served(server))).toEqual(['gourds', 'pumpkins']);
});

test('a model whose first version cannot serve is reported until its pointer goes, and no longer', async () => {
  const server = await serve();
  const more = await createModelRepository(pumpkins);
  const promoted = await loadPromoted(more.root, 'pumpkins');
  if (!promoted) throw new Error('nothing is promoted');
  await repository.promote(promoted.record);
  await more.remove();
  await lookTwice(server);
  const refused = () => metricOf(server, metrics.pointerRefused.name, { model: 'pumpkins' });
  const { models, ...version } = (await server.app.inject('/version')).json();
  expect(models.map(({ model }: { model: string }) => model)).toEqual(['gourds', 'prices']);
  expect(version.refused).toMatchObject([
    { model: 'pumpkins', channel: 'production', version: first, code: 'STORE_MISSING' },
  ]);
  expect(await refused()).toBe(1);
  expect((await server.app.inject('/readyz')).json()).toMatchObject({ models: 'refused' });
  await rm(join(repository.root, 'models/pumpkins/production.json'));
  await server.follow();
  expect((await server.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  expect((await server.app.inject('/version')).json()).not.toHaveProperty('refused');
  expect(await refused()).toBeUndefined();
});

const networkOfColours = async () => (await networkWith('', 'colours')).subarray(0, -2);

test('a folder that is gone takes nothing out of service, and is followed again when it is back', async () => {
  const server = await serve();
  const [here, away] = ['models', 'away'].map((name) => join(repository.root, name));
  await rename(here ?? '', away ?? '');
  await lookTwice(server);
  await server.follow();
  expect(await predict(server)).toMatchObject({ version: first });
  expect((await server.app.inject('/readyz')).json()).toMatchObject({ models: 'refused' });
  await rename(away ?? '', here ?? '');
  await promote(second);
  await expect
    .poll(
      async () => {
        await server.follow();
        return (await predict(server)).version;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBe(second);
});

test('the version from before is still there for who asks for it by name', async () => {
  const server = await serve();
  await promote(second);
  await server.follow();
  for (const [run, status] of [
    [first, 200],
    [second, 200],
    [third, 404],
  ])
    expect((await server.app.inject(`/v2/models/gourds/versions/${run}`)).statusCode).toBe(status);
});
