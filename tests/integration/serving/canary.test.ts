import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import type { Traffic } from '../../../platform/schemas/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
  type RecordPart,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { changeInStore, networkWith, recordOf, tryVersion } from '../../helpers/versions.ts';

const [first, second] = ['0123456789ab', 'aaaaaaaaaaaa'];
/** The same network with its classes exchanged: the answer shows which version gave it. */
const turned = { ...gourds, classes: ['small', 'big'] };
/** A busy machine takes longer. */
const patience = { timeout: 15_000 };
/** With another first column. */
const withNumber = (name: string, deviation: number): RecordPart => ({
  ...gourds,
  preprocessing: {
    kind: 'table',
    columns: [
      { name, kind: 'number', mean: 4, deviation },
      { name: 'colour', kind: 'category', values: ['orange', 'green'] },
    ],
  },
});
let repository: ModelRepository;
let serving: ServingApp | undefined;

beforeEach(async () => {
  repository = await createModelRepository(gourds);
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

async function attempt(
  channel: 'canary' | 'shadow',
  traffic: Traffic,
  { part = turned, network = 'tried' }: { part?: RecordPart; network?: string | Buffer } = {},
) {
  const bytes = typeof network === 'string' ? await networkWith(network) : network;
  const record = await recordOf(repository.root, part, { run: second, network: bytes });
  await tryVersion(repository.root, channel, record, traffic);
  return record;
}
const end = (channel: string) => rm(join(repository.root, `models/gourds/${channel}.json`));

async function predict({ app }: ServingApp, headers: Record<string, string> = {}, weight = 9) {
  const answer = await app.inject({
    ...{ method: 'POST', url: '/predict', payload: { weight }, headers },
  });
  expect(answer.statusCode).toBe(200);
  const { version, results } = answer.json();
  return { version, class: results[0].class };
}

const many = async (server: ServingApp, count: number, headers = {}) => {
  const versions: string[] = [];
  for (let at = 0; at < count; at++) versions.push((await predict(server, headers)).version);
  return versions.filter((version) => version === second).length;
};

const counted = (server: ServingApp, name: string, labels: Record<string, string>) =>
  metricOf(server, name, { model: 'gourds', version: second, ...labels });

test('a canary answers its share of the requests, beside production, from the start and until its pointer goes', async () => {
  await attempt('canary', { share: 0.5 });
  const server = await serve();
  const tried = await many(server, 100);
  expect(tried).toBeGreaterThan(25);
  expect(tried).toBeLessThan(75);
  const version = (await server.app.inject('/version')).json().models[0];
  expect(version).toMatchObject({
    version: first,
    trials: [{ channel: 'canary', version: second, share: 0.5 }],
  });
  await end('canary');
  await server.follow();
  expect(await many(server, 20)).toBe(0);
  expect(await predict(server)).toEqual({ version: first, class: 'big' });
});

test('keys are answered alike over REST, the protocol and gRPC, and a header sends whoever wants there', async () => {
  await attempt('canary', {
    ...{ share: 0.5, key: 'x-stall', header: { name: 'x-group', value: 'b' } },
  });
  const server = await serve({ grpcPort: 0 });
  const grpc = connectGrpc((await server.listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
  const tensor = { name: 'input', datatype: 'FP32', shape: [1, 3], data: [3, 1, 0] };
  const seen = new Set<string>();
  for (let stall = 0; stall < 12; stall++) {
    const headers = { 'x-stall': `stall ${stall}` };
    const { version } = await predict(server, headers);
    const payload = { inputs: [tensor] };
    const url = '/v2/models/gourds/infer';
    const answer = await server.app.inject({ method: 'POST', url, payload, headers });
    const called = await grpc.call(
      GRPCInferenceService.method.modelInfer,
      {
        modelName: 'gourds',
        inputs: [
          {
            ...{ name: 'input', datatype: 'FP32', shape: [1n, 3n] },
            contents: { fp32Contents: [3, 1, 0] },
          },
        ],
      },
      { headers },
    );
    expect([answer.json().model_version, called.modelVersion]).toEqual([version, version]);
    seen.add(version);
  }
  grpc.close();
  expect(seen).toEqual(new Set([first, second]));
  expect(await many(server, 10)).toBe(0);
  expect(await many(server, 10, { 'x-group': 'b' })).toBe(10);
});

test('what a canary answers is compared with what production answers, and a shadow answers unseen', async () => {
  await attempt('canary', { share: 1 });
  const server = await serve();
  expect(await predict(server)).toEqual({ version: second, class: 'small' });
  const compared = (outcome: string) => counted(server, metrics.comparedAnswers.name, { outcome });
  await expect.poll(() => compared('disagreed'), patience).toBe(1);
  await end('canary');
  await attempt('shadow', { share: 1 }, { part: gourds });
  await server.follow();
  expect(await predict(server)).toEqual({ version: first, class: 'big' });
  await expect.poll(() => compared('agreed'), patience).toBe(1);
  expect(await counted(server, metrics.predictions.name, { class: 'big', accepted: 'true' })).toBe(
    1,
  );
  const { app } = server;
  const payload = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 3], data: [3, 1, 0] }] };
  const answer = await app.inject({ method: 'POST', url: '/v2/models/gourds/infer', payload });
  expect(answer.json().model_version).toBe(first);
  await expect.poll(() => compared('agreed'), patience).toBe(2);
});

test('a shadow that fails hurts nobody, and its failures are counted', async () => {
  // Another table: the rows of production's model are not its own.
  await attempt('shadow', { share: 1 }, { part: withNumber('girth', 2) });
  const server = await serve();
  expect(await predict(server)).toEqual({ version: first, class: 'big' });
  await expect
    .poll(() => counted(server, metrics.comparedAnswers.name, { outcome: 'failed' }), patience)
    .toBe(1);
});

test('a canary that is damaged gets no request, and the server starts and goes on without it', async () => {
  await attempt('canary', { share: 1 });
  expect(await changeInStore(repository.root, 'tried', 'TRIED')).toBe(1);
  const server = await serve();
  await server.follow();
  expect(await many(server, 10)).toBe(0);
  const [served] = (await server.app.inject('/version')).json().models;
  expect(served.refused).toMatchObject([{ channel: 'canary', version: second }]);
  expect((await server.app.inject('/readyz')).json()).toMatchObject({ models: 'refused' });
});

test('each flaw of a canary that somebody writes is refused by itself, and one without traffic gets no request', async () => {
  await attempt('canary', { share: 1 });
  const path = join(repository.root, 'models/gourds/canary.json');
  const pointer = JSON.parse(await readFile(path, 'utf8'));
  const server = await serve();
  expect(await many(server, 3)).toBe(3);
  const refusals = () => metricOf(server, metrics.modelSwitches.name, { outcome: 'refused' });
  const before = (await refusals()) ?? 0;
  const flaws = [{ share: 1.5 }, undefined, { share: -1 }, {}];
  for (const [at, traffic] of flaws.entries()) {
    await writeFile(path, JSON.stringify({ ...pointer, traffic }));
    // What is seen once may be half written.
    for (const _ of [1, 2]) await server.follow();
    const [{ refused = [] } = {}] = (await server.app.inject('/version')).json().models;
    expect(refused).toMatchObject([{ channel: 'canary', code: 'JSON_INVALID' }]);
    expect(await refusals()).toBe(before + at + 1);
  }
  await writeFile(path, JSON.stringify({ ...pointer, traffic: undefined }));
  for (const _ of [1, 2]) await server.follow();
  expect(await many(server, 5)).toBe(0);
});

test('a promotion of the canary takes no second load, and ends the trial; a rollback from it brings production back', async () => {
  const record = await attempt('canary', { share: 0.5 });
  const server = await serve();
  await rm(join(repository.root, '.mainstem/store'), { recursive: true });
  await repository.promote(record);
  await end('canary');
  await server.follow();
  expect(await many(server, 10)).toBe(10);
  const text = (await server.app.inject('/metrics')).body;
  const infos = text.split('\n').filter((line) => line.startsWith(`${metrics.modelInfo.name}{`));
  expect(infos).toHaveLength(1);
  expect(infos[0]).toContain(`version="${second}",role="production"`);
});

test('a greater share counts from the next look on, without another load', async () => {
  await attempt('canary', { share: 0 });
  const server = await serve();
  expect(await many(server, 10)).toBe(0);
  await attempt('canary', { share: 1 });
  await server.follow();
  expect(await many(server, 10)).toBe(10);
});

test('where a bad canary fails production answers in its place, its failures are counted, and ending it ends that, under load', async () => {
  // The rehearsal's row is answered; a heavy gourd has no finite answer.
  await attempt('canary', { share: 0.5 }, { part: withNumber('weight', 1e-38) });
  const server = await serve({ followSeconds: 0.05 });
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const answers: { status: number; version: string | null }[] = [];
  let running = true;
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: '{"weight":9}' };
  const client = async () => {
    while (running) {
      const response = await fetch(`${url}/predict`, request);
      const { version = null } = await response.json();
      answers.push({ status: response.status, version });
    }
  };
  const clients = [client(), client(), client()];
  await delay(300);
  await end('canary');
  await expect
    .poll(async () => (await server.app.inject('/version')).json().models[0].trials, {
      timeout: 10_000,
    })
    .toBeUndefined();
  const settled = answers.length + clients.length;
  await delay(300);
  running = false;
  await Promise.all(clients);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.slice(settled).every(({ version }) => version === first)).toBe(true);
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([first]));
});

test('a correction counts for the version that it names', async () => {
  await attempt('canary', { share: 1 });
  const server = await serve();
  const { version, class: predicted } = await predict(server);
  const correct = (payload: object) =>
    server.app.inject({ method: 'POST', url: '/feedback', payload });
  await correct({ label: 'big', row: { weight: 9 }, version });
  const labels = { predicted, label: 'big', correct: 'false' };
  expect(await counted(server, metrics.feedback.name, labels)).toBe(1);
  const other = await correct({ label: 'small', row: { weight: 9 } });
  expect(other.statusCode).toBe(201);
  expect(await counted(server, metrics.feedback.name, labels)).toBe(1);
});

test('an answer is explained by the version that gave it, not by the one that happens to be drawn', async () => {
  const server = await serve();
  await attempt('canary', { share: 0.5 });
  await server.follow();
  const explained = async (path: string) => {
    const url = `/v2/models/gourds${path}/explain`;
    const answer = await server.app.inject({ method: 'POST', url, payload: { weight: 9 } });
    return { status: answer.statusCode, ...answer.json() };
  };
  for (const version of [first, second]) {
    const { result, ...answer } = await explained(`/versions/${version}`);
    expect(answer).toMatchObject({ status: 200, version });
    expect(result.class).toBe(version === first ? 'big' : 'small');
  }
  expect(await explained('/versions/bbbbbbbbbbbb')).toMatchObject({ status: 404 });
});

test('a version that takes larger inputs than production is asked by name over gRPC, before and after its trial', async () => {
  const server = await serve({ grpcPort: 0 });
  const grpc = connectGrpc((await server.listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
  const photos = 100;
  const ask = (modelVersion: string) =>
    grpc.call(GRPCInferenceService.method.modelInfer, {
      ...{ modelName: 'gourds', modelVersion },
      inputs: [{ name: 'input', datatype: 'FP32', shape: [BigInt(photos), 16n, 16n, 3n] }],
      rawInputContents: [new Uint8Array(photos * 16 * 16 * 3 * 4)],
    });
  const part = { ...pumpkins, model: 'gourds' };
  const network = (await networkWith('', 'colours')).subarray(0, -2);
  const larger = await attempt('canary', { share: 0 }, { part, network });
  await server.follow();
  expect((await ask(second)).modelVersion).toBe(second);
  await repository.promote(larger);
  await end('canary');
  await server.follow();
  const record = await recordOf(repository.root, gourds, {
    ...{ run: 'cccccccccccc', network: await networkWith('third') },
  });
  await repository.promote(record);
  await server.follow();
  // It is still there for who asks for it by name.
  expect((await ask(second)).modelVersion).toBe(second);
  grpc.close();
});
