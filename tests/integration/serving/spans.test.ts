import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../platform/storage/index.ts';
import { buildApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { openSpans } from '../../../serving/logs/spans.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';

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
async function startCollector(status = 200) {
  const received: { readonly path: string; readonly spans: Span[] }[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Sent;
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    received.push({ path: request.url ?? '', spans: scopes.flatMap(({ spans }) => spans) });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
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
  const settings = { root: repository.root, workers: 1, logLevel: 'silent', grpcPort: 0 };
  const config = parseConfig({ ...settings, otlpEndpoint: `${endpoint}/` });
  const { app, listenGrpc } = await buildApp({ config, store: openStore(repository.root) });
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
  expect(await send('/nowhere/at/all')).toBe(404);
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
  ]);
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
    ...{ endpoint: await endpointOf(), build: 'sha256:0', now: () => new Date() },
    reporter: { failed: (error) => failures.push(error), recovered: () => {} },
  });
  const ids = { 'trace.id': trace, 'span.id': span };
  for (let count = 0; count < 2000; count++) {
    const served = { name: 'POST', trace: ids, seconds: 0.01, code: 500, attributes: {} };
    spans.add({ ...served, traceparent: undefined });
  }
  await spans.close();
  expect(failures).toHaveLength(1);
});
