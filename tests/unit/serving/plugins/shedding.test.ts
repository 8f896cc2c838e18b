import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metrics } from '../../../../monitoring/metrics.ts';
import { createInstruments } from '../../../../serving/plugins/instruments.ts';
import { createShedding } from '../../../../serving/plugins/shedding.ts';

/** Longer than a refusal waits to be counted. */
const countedMs = 200;
const registry = new Registry();
const state = { full: true };
let server: Server;
let url = '';

beforeAll(async () => {
  const full = { isFull: () => state.full, enter: () => expect.unreachable() };
  const shedding = createShedding(full, createInstruments(registry));
  const app = fastify();
  shedding.watch(app);
  app.post('/models/:name/predict', () => null);
  app.post('/predict', () => null);
  server = createServer(shedding.wrap((_request, response) => response.end('answered')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const post = (path: string) => fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(100) });
const refusedOn = async (route: string) => {
  await delay(countedMs);
  const { values } = (await registry.getSingleMetric(metrics.requests.name)?.get()) ?? {};
  return values?.find(({ labels }) => labels.route === route && labels.code === 503)?.value ?? 0;
};

test('every refusal names its own address, however many others came before', async () => {
  const paths = Array.from({ length: 250 }, (_, i) => `/models/m${i % 125}/predict?turn=${i % 7}`);
  for (const path of paths) {
    const response = await post(path);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'SERVING_BUSY', instance: path });
  }
  expect(await refusedOn('/models/:name/predict')).toBe(paths.length);
});

test('refusals are counted once, by route, also those that come while others are being counted', async () => {
  const before = await refusedOn('/predict');
  for (let turn = 0; turn < 3; turn++) {
    await Promise.all(Array.from({ length: 20 }, async () => (await post('/predict')).text()));
    await delay(20);
  }
  expect(await refusedOn('/predict')).toBe(before + 60);
  await (await post('/nowhere')).text();
  expect(await refusedOn('none')).toBe(1);
});

test('the protocol of inference gets its own words, and what asks for no place is answered', async () => {
  const { error } = await (await post('/v2/models/m/infer')).json();
  expect(error).toContain('The server is busy');
  expect(await (await fetch(`${url}/predict`)).text()).toBe('answered');
  state.full = false;
  expect(await (await post('/predict')).text()).toBe('answered');
});
