import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { openSpans } from '../../../serving/logs/spans.ts';
import { addExchanges } from '../../../serving/plugins/exchanges.ts';
import { createInstruments } from '../../../serving/plugins/instruments.ts';
import { addSpans } from '../../../serving/plugins/spans.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(gourds);
});
afterAll(() => repository.remove());

/** What is read of a span of OTLP in JSON. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status: { readonly code?: number };
}

interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: Span[] }[] }[];
}

/** A collector that takes what comes, or answers with another status. */
async function startCollector(status = 200, answer: object = {}) {
  const received: { readonly path: string; readonly spans: Span[] }[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Sent;
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    received.push({ path: request.url ?? '', spans: scopes.flatMap(({ spans }) => spans) });
    const text = JSON.stringify(answer);
    const headers = { 'content-type': 'application/json', 'content-length': text.length };
    response.writeHead(status, headers).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, received, stop: () => void server.close() };
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const traceparent = (flags: string) => ({ traceparent: `00-${trace}-${span}-${flags}` });

test('each request is a span of the caller’s trace, but for probes and for what the caller does not keep', async () => {
  const { endpoint, received } = await startCollector();
  const settings = { grpcPort: 0, otlpEndpoint: `${endpoint}/` };
  const { app, listenGrpc } = await serveModels(repository.root, settings);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const grpc = connectGrpc((await listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
  const send = async (path: string, headers = {}) => {
    const type = { 'content-type': 'application/json' };
    const body = JSON.stringify({ weight: 9 });
    const request = { method: 'POST', headers: { ...type, ...headers }, body };
    return (await fetch(url + path, request)).status;
  };
  expect(await send('/predict', traceparent('01'))).toBe(200);
  expect(await send('/predict', traceparent('00'))).toBe(200);
  expect(await send('/nowhere/at/all?secret=1')).toBe(404);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const input = {
    ...{ name: 'input', datatype: 'FP32', shape: [1n, 3n] },
    contents: { fp32Contents: [9, 1, 0] },
  };
  const { modelInfer } = GRPCInferenceService.method;
  const asked = { modelName: 'gourds', inputs: [input] };
  await grpc.call(modelInfer, asked, { headers: traceparent('01') });
  grpc.close();
  await app.close();

  expect(received.map(({ path }) => path)).toEqual(received.map(() => '/v1/traces'));
  const spans = received.flatMap((one) => one.spans);
  const infer = 'inference.GRPCInferenceService/ModelInfer';
  expect(spans.map(({ name }) => name).sort()).toEqual(['POST', 'POST /predict', infer].sort());
  const of = (name: string) => spans.find((one) => one.name === name);
  for (const name of ['POST /predict', infer]) {
    expect(of(name)).toMatchObject({ traceId: trace, parentSpanId: span, kind: 2, status: {} });
  }
  expect(of('POST')).not.toHaveProperty('parentSpanId');
  for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  }
  expect(of('POST /predict')?.attributes).toEqual([
    { key: 'http.request.method', value: { stringValue: 'POST' } },
    { key: 'http.route', value: { stringValue: '/predict' } },
    { key: 'http.response.status_code', value: { intValue: '200' } },
    { key: 'url.scheme', value: { stringValue: 'http' } },
    { key: 'url.path', value: { stringValue: '/predict' } },
    { key: 'server.address', value: { stringValue: '127.0.0.1' } },
    { key: 'server.port', value: { intValue: new URL(url).port } },
  ]);
  expect(of('POST')?.attributes).toContainEqual({
    ...{ key: 'url.path', value: { stringValue: '/nowhere/at/all' } },
  });
  expect(of(infer)?.attributes).toContainEqual({
    ...{ key: 'rpc.response.status_code', value: { stringValue: 'OK' } },
  });
});

const plain = {
  headers: {},
  compression: 'none',
  service: 'mainstem',
  build: 'sha256:0',
} as const;

test('a client that left, a fault of the server and a method that nobody knows follow the conventions', async () => {
  const { endpoint, received } = await startCollector();
  const now = () => new Date();
  const reporter = { failed: () => {}, recovered: () => {} };
  const spans = openSpans({ ...plain, endpoint, now, reporter });
  const app = fastify();
  addExchanges(app, createInstruments(new Registry()));
  addSpans(app, spans, () => false);
  const arrived = Promise.withResolvers<void>();
  app.get('/slow', () => {
    arrived.resolve();
    return new Promise(() => {});
  });
  app.get('/broken', (_request, reply) => reply.code(500).send());
  app.addHttpMethod('PROPFIND');
  app.route({ method: 'PROPFIND', url: '/', handler: () => 'x' });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const left = expect(fetch(`${url}/slow`, { signal: leaving.signal })).rejects.toThrow();
  await arrived.promise;
  leaving.abort();
  await left;
  await fetch(`${url}/broken`);
  await fetch(url, { method: 'PROPFIND' });
  const found = () => received.flatMap((one) => one.spans);
  await expect.poll(() => found().length, { timeout: 60_000 }).toBe(3);
  app.server.closeAllConnections();
  await app.close();
  await spans.close();
  const of = (name: string) => {
    const span = found().find((one) => one.name === name);
    const entries = span?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? [];
    return { status: span?.status, ...Object.fromEntries(entries) };
  };
  expect(of('GET /slow')).toMatchObject({
    ...{ status: { code: 2 }, 'error.type': 'client_closed_request' },
  });
  expect(of('GET /slow')).not.toHaveProperty(['http.response.status_code']);
  expect(of('GET /broken')).toMatchObject({
    ...{ status: { code: 2 }, 'error.type': '500', 'http.response.status_code': '500' },
  });
  const unknown = { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' };
  expect(of('HTTP /')).toMatchObject({ status: {}, ...unknown });
});

test('what a collector leaves out is reported, and not sent again', async () => {
  const { endpoint, received } = await startCollector(200, {
    ...{ partialSuccess: { rejectedSpans: '1', errorMessage: 'too long' } },
  });
  const failures: string[] = [];
  const reporter = { failed: (error: Error) => failures.push(error.message), recovered: () => {} };
  const spans = openSpans({ ...plain, endpoint, now: () => new Date(), reporter });
  const ids = { 'trace.id': trace, 'span.id': span };
  spans.add({
    ...{
      name: 'POST',
      trace: ids,
      traceparent: undefined,
      seconds: 1,
      error: null,
      attributes: {},
    },
  });
  await spans.close();
  expect(failures).toEqual([`${endpoint}/v1/traces left out 1 spans: too long`]);
  expect(received).toHaveLength(1);
});

test.each([
  ['refuses', async () => (await startCollector(503)).endpoint],
  [
    'is gone',
    async () => {
      const { endpoint, stop } = await startCollector();
      stop();
      return endpoint;
    },
  ],
])('a collector that %s is reported once, and holds nobody up', async (_name, endpointOf) => {
  const failures: Error[] = [];
  const spans = openSpans({
    ...{ ...plain, endpoint: await endpointOf(), now: () => new Date() },
    reporter: { failed: (error) => failures.push(error), recovered: () => {} },
  });
  const ids = { 'trace.id': trace, 'span.id': span };
  for (let count = 0; count < 2000; count++) {
    const served = { name: 'POST', trace: ids, seconds: 0.01, error: '500', attributes: {} };
    spans.add({ ...served, traceparent: undefined });
  }
  await spans.close();
  expect(failures).toHaveLength(1);
});
