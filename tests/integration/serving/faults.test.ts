import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServingApp } from '../../../serving/app.ts';
import { bearer, makeKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { endServer, launchServer, type ServingProcess } from '../../helpers/serving-process.ts';
import { slowNetwork } from '../../helpers/slow-network.ts';
import { networkWith, promoteVersion } from '../../helpers/versions.ts';

const [first, second] = ['0123456789ab', 'aaaaaaaaaaaa'];
const turned = { ...gourds, classes: ['small', 'big'] };
const patience = { timeout: 15_000 };
const slow = { ...gourds, model: 'slow', onnx: slowNetwork(20) };
let repository: ModelRepository;
let serving: ServingApp | undefined;
let server: ServingProcess | undefined;

beforeEach(async () => {
  repository = await createModelRepository(gourds, prices);
});
afterEach(async () => {
  await serving?.app.close();
  if (server) await endServer(server);
  serving = undefined;
  server = undefined;
  await repository.remove();
});

async function serve({ root }: ModelRepository, settings = {}, now = () => new Date()) {
  serving = await serveModels(root, { workers: 2, followSeconds: 0, ...settings }, now);
  return serving;
}

/** Over a connection of its own. */
const ask = (url: string, model = 'gourds') =>
  fetch(`${url}/models/${model}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"weight":9}',
  });

test('SIGTERM under load loses no request, not those either that come while others learn of it', async () => {
  server = await launchServer(repository.root, { environment: { MAINSTEM_DRAIN_SECONDS: '1.5' } });
  const { child, url } = server;
  let isOver = false;
  const statuses: number[] = [];
  const failures: unknown[] = [];
  const client = async () => {
    while (!isOver)
      await ask(url).then(({ status }) => statuses.push(status), failures.push.bind(failures));
  };
  const clients = Array.from({ length: 4 }, client);
  await expect.poll(() => statuses.length, patience).toBeGreaterThan(40);
  const before = statuses.length;
  child.kill('SIGTERM');
  await delay(300);
  isOver = true;
  await Promise.all(clients);
  expect(await endServer(server)).toBe(0);
  expect(failures).toEqual([]);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(statuses.length).toBeGreaterThan(before);
});

const run = promisify(execFile);
const canLimit = await run('prlimit', ['--version']).then(
  () => true,
  () => false,
);

test.skipIf(!canLimit)(
  'without descriptors a server answers on the connections that it has, and all again once some are free',
  async () => {
    server = await launchServer(repository.root);
    const { child, url } = server;
    const kept = await openTo(url);
    expect(await askOver(kept)).toMatch(/^HTTP\/1\.1 200 /);
    const open = await readdir(`/proc/${child.pid}/fd`);
    // The hard limit stays.
    await run('prlimit', ['--pid', String(child.pid), `--nofile=${open.length + 8}:`]);
    const others = await Promise.all(Array.from({ length: 40 }, () => openTo(url)));
    await expect.poll(() => ask(url).catch(() => 'closed'), patience).toBe('closed');
    expect(await askOver(kept)).toMatch(/^HTTP\/1\.1 200 /);
    for (const other of others) other.destroy();
    await expect
      .poll(
        () =>
          ask(url).then(
            ({ status }) => status,
            () => 'closed',
          ),
        patience,
      )
      .toBe(200);
    expect(await askOver(kept)).toMatch(/^HTTP\/1\.1 200 /);
    kept.destroy();
    expect(child.exitCode).toBeNull();
  },
);

async function openTo(url: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

async function askOver(socket: Socket): Promise<string> {
  const lines = ['GET /models HTTP/1.1', 'host: 127.0.0.1', 'connection: keep-alive', '', ''];
  socket.write(lines.join('\r\n'));
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

test('a clock that jumps by a year, ahead and back, fails no request, and versions are followed as before', async () => {
  const stand = makeKey('stand', { scopes: ['predict', 'feedback'] });
  await writeKeys(repository.root, stand);
  let at = Date.parse('2026-11-26T12:00:00.000Z');
  const settings = { predictionLog: 'full', access: 'keys' };
  const { app, follow } = await serve(repository, settings, () => new Date(at));
  const headers = bearer(stand.text);
  const predict = async () => {
    const payload = { weight: 9 };
    const answer = await app.inject({ method: 'POST', url: '/predict', payload, headers });
    const { version, id, results } = answer.json();
    return { status: answer.statusCode, version, class: results?.[0].class, id };
  };
  const correct = async (id: string, label: string) => {
    const payload = { id, label };
    const url = '/models/gourds/feedback';
    return (await app.inject({ method: 'POST', url, payload, headers })).statusCode;
  };
  const yearMs = 365 * 86_400_000;
  const ids = new Set<string>();
  for (const jump of [0, yearMs, -2 * yearMs, yearMs]) {
    at += jump;
    const answers = await Promise.all(Array.from({ length: 5 }, predict));
    for (const { id, ...answer } of answers) {
      expect(answer).toEqual({ status: 200, version: first, class: 'big' });
      ids.add(id);
    }
  }
  expect(ids.size).toBe(20);
  at -= yearMs;
  await promoteVersion(repository, turned, { run: second, network: await networkWith(second) });
  await follow();
  const { id, ...answer } = await predict();
  expect(answer).toEqual({ status: 200, version: second, class: 'small' });
  await expect.poll(() => correct(id, 'big'), patience).toBe(201);
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
});

test('a slow model that is asked for too much is refused with when to come back, and so long others wait or are refused', async () => {
  const both = await createModelRepository(gourds, slow);
  try {
    const { app } = await serve(both, { queue: 8, model: 'gourds' });
    const predict = async (model: string) => {
      const url = `/models/${model}/predict`;
      const answer = await app.inject({ method: 'POST', url, payload: { weight: 9 } });
      return { status: answer.statusCode, retryAfter: answer.headers['retry-after'] };
    };
    const asked = [...Array.from({ length: 24 }, () => 'slow'), 'gourds', 'gourds'];
    const answers = await Promise.all(asked.map(predict));
    const busy = answers.filter(({ status }) => status !== 200);
    expect(busy.length).toBeGreaterThan(0);
    for (const answer of busy) expect(answer).toEqual({ status: 503, retryAfter: '1' });
    expect(answers.length - busy.length).toBeGreaterThanOrEqual(8);
    expect(await predict('gourds')).toMatchObject({ status: 200 });
  } finally {
    await serving?.app.close();
    await both.remove();
  }
});
