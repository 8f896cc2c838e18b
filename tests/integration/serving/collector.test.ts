import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { openSpans } from '../../../serving/logs/spans.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { createModelRepository, gourds } from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { collector, type Server } from '../../helpers/servers.ts';

/** What is read of a span as the collector writes it. */
interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Taken {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly traces: {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: readonly Attribute[] };
      readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
    }[];
  };
}

async function readTaken({ folder }: Server): Promise<Taken[]> {
  const text = await readFile(join(folder, 'record'), 'utf8').catch(() => '');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

async function readSpans(server: Server): Promise<Span[]> {
  const taken = await readTaken(server);
  const scopes = taken
    .flatMap(({ traces }) => traces.resourceSpans)
    .flatMap((one) => one.scopeSpans);
  return scopes.flatMap(({ spans }) => spans);
}

function byName(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

async function startCollector(port?: string): Promise<Server> {
  const server = await collector.start(port);
  onTestFinished(() => server.stop());
  return server;
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

/** A sender, what it reported, and how a span is added. */
function openSender(endpoint: string) {
  const told: string[] = [];
  const spans = openSpans({
    ...{ endpoint, headers: {}, compression: 'none', service: 'mainstem', build: 'sha256:0' },
    now: () => new Date(),
    reporter: {
      failed: ({ message }) => void told.push(message),
      recovered: () => void told.push('recovered'),
    },
  });
  onTestFinished(() => spans.close());
  const add = (name: string) =>
    spans.add({
      ...{ name, trace: { 'trace.id': trace, 'span.id': span }, traceparent: undefined },
      ...{ seconds: 0.01, error: null, attributes: {} },
    });
  return { add, told };
}

const patience = { timeout: 90_000 };

describe.skipIf(!collector.found)('OpenTelemetry’s collector', () => {
  test('reads each request as a span of the caller’s trace, packed and with the headers it asks for', async () => {
    const server = await startCollector();
    const repository = await createModelRepository(gourds);
    onTestFinished(() => repository.remove());
    const { app, listenGrpc } = await serveModels(repository.root, {
      ...{ otlpEndpoint: server.url, otlpCompression: 'gzip', serviceName: 'farm' },
      ...{ otlpHeaders: 'api-key=a%20b,x-team=farm', grpcPort: 0 },
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const grpc = connectGrpc((await listenGrpc({ host: '127.0.0.1', port: 0 })) ?? '');
    const context = { traceparent: `00-${trace}-${span}-01`, tracestate: 'farm=1' };
    const headers = { 'content-type': 'application/json', ...context };
    const post = (body: string) => fetch(`${url}/predict`, { method: 'POST', headers, body });
    expect((await post('{"weight":9}')).status).toBe(200);
    expect((await post('nonsense')).status).toBe(400);
    const input = {
      ...{ name: 'input', datatype: 'FP32', shape: [1n, 3n] },
      contents: { fp32Contents: [9, 1, 0] },
    };
    const { modelInfer } = GRPCInferenceService.method;
    const ask = (modelName: string) =>
      grpc.call(modelInfer, { modelName, inputs: [input] }, { headers: context });
    await ask('gourds');
    await expect(ask('melons')).rejects.toThrow();
    grpc.close();
    await app.close();

    const [first] = await readTaken(server);
    expect(first?.headers).toMatchObject({ 'api-key': ['a b'], 'x-team': ['farm'] });
    const [resource] = first?.traces.resourceSpans ?? [];
    expect(byName(resource?.resource.attributes ?? [])).toEqual({
      'service.name': 'farm',
      'service.version': expect.stringMatching(/^sha256:/),
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const spans = await readSpans(server);
    const ofCaller = { traceId: trace, parentSpanId: span, traceState: 'farm=1', flags: 0x301 };
    for (const one of spans) expect(one).toMatchObject({ ...ofCaller, kind: 2, status: {} });
    const said = spans.map(({ name, attributes }) => ({ name, ...byName(attributes) }));
    const http = {
      ...{ name: 'POST /predict', 'http.request.method': 'POST', 'http.route': '/predict' },
      ...{ 'url.scheme': 'http', 'url.path': '/predict' },
      ...{ 'server.address': '127.0.0.1', 'server.port': new URL(url).port },
    };
    const method = 'inference.GRPCInferenceService/ModelInfer';
    const call = {
      ...{ name: method, 'rpc.system.name': 'grpc', 'rpc.method': method },
      ...{ 'server.address': '127.0.0.1', 'server.port': expect.any(String) },
    };
    expect(said).toHaveLength(4);
    for (const expected of [
      { ...http, 'http.response.status_code': '200' },
      { ...http, 'http.response.status_code': '400' },
      { ...call, 'rpc.response.status_code': 'OK' },
      { ...call, 'rpc.response.status_code': 'NOT_FOUND' },
    ])
      expect(said).toContainEqual(expected);
  });

  test('that is down and comes back gets what waited, once', async () => {
    const before = await collector.start();
    await before.stop();
    const { add, told } = openSender(before.url);
    for (const name of ['a', 'b']) add(name);
    await expect.poll(() => told.length, patience).toBe(1);
    expect(told[0]).toContain('cannot be reached');
    const server = await startCollector(new URL(before.url).port);
    await expect.poll(() => told.at(-1), patience).toBe('recovered');
    expect((await readSpans(server)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(told).toHaveLength(2);
  });

  test.each([
    ['RESOURCE_EXHAUSTED, and says when', '8 1', 'answers 429: refused for a test'],
    ['UNAVAILABLE', '14 0', 'answers 503: refused for a test'],
  ])('whose destination is %s gets them later', async (_name, refusal, message) => {
    const server = await startCollector();
    const file = join(server.folder, 'refuse');
    await writeFile(file, refusal);
    const { add, told } = openSender(server.url);
    add('a');
    await expect.poll(() => told.length, patience).toBe(1);
    expect(told[0]).toContain(message);
    await rm(file);
    await expect.poll(() => told.at(-1), patience).toBe('recovered');
    expect((await readSpans(server)).map(({ name }) => name)).toEqual(['a']);
  });

  test.each([
    ['INVALID_ARGUMENT', '3 0', 'answers 400'],
    ['UNAUTHENTICATED', '16 0', 'answers 401'],
  ])(
    'that refuses for good (%s) is not asked again for the same',
    async (_name, refusal, message) => {
      const server = await startCollector();
      const file = join(server.folder, 'refuse');
      await writeFile(file, refusal);
      const { add, told } = openSender(server.url);
      add('a');
      await expect.poll(() => told.length, patience).toBe(1);
      expect(told[0]).toContain(message);
      await rm(file);
      add('b');
      await expect.poll(() => told.at(-1), patience).toBe('recovered');
      expect((await readSpans(server)).map(({ name }) => name)).toEqual(['b']);
    },
  );

  test('at another path than the one that is named is reported with the address', async () => {
    const server = await startCollector();
    const { add, told } = openSender(`${server.url}/elsewhere`);
    add('a');
    await expect.poll(() => told.length, patience).toBe(1);
    expect(told[0]).toBe(`${server.url}/elsewhere/v1/traces answers 404`);
  });
});
