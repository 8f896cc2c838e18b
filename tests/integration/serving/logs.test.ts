import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Errors } from 'typebox/value';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { lineSchemas } from '../../helpers/log-schemas.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';

const server = join(import.meta.dirname, '../../../serving/server.ts');
let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(gourds);
  await mkdir(join(repository.root, 'blocked'));
  await writeFile(join(repository.root, 'blocked/gourds'), 'where the folder of a model would be');
});
afterAll(() => repository.remove());

/** A trace for each request, so that its lines are found. */
const spanId = '00f067aa0ba902b7';
const traces = { ok: '1', missing: '2', invalid: '3', failed: '4', grpc: '5' } as const;
type Name = keyof typeof traces;
const traceIdOf = (name: Name) => traces[name].repeat(32);
const headers = (name: Name) => ({ traceparent: `00-${traceIdOf(name)}-${spanId}-01` });

type Line = Readonly<Record<string, unknown>>;

/** Starts the server as a process. @param channel `ipc` where its parent wants to hear of it */
function launch(format: string, channel: 'ipc' | 'ignore') {
  const settings = { PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'debug', MAINSTEM_WORKERS: '1' };
  const folder = { MAINSTEM_ROOT: repository.root, MAINSTEM_FEEDBACK_FOLDER: 'blocked' };
  const child = spawn(process.execPath, [server], {
    env: { ...process.env, ...settings, ...folder, MAINSTEM_LOG_FORMAT: format },
    stdio: ['ignore', 'pipe', 'ignore', channel],
  });
  onTestFinished(() => void child.kill());
  return child;
}

const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** All that a server writes to its standard output while it answers one request of each kind. */
async function logOf(format: string): Promise<Line[]> {
  const child = launch(format, 'ipc');
  const output = text(child.stdout ?? Readable.from([]));
  const [{ url, grpc, error }] = await once(child, 'message');
  expect(error).toBeUndefined();
  await ask(url, grpc);
  child.kill('SIGTERM');
  return linesOf(await output);
}

async function ask(url: string, grpc: string): Promise<void> {
  const send = async (name: Name, path: string, body: object) => {
    const type = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers: { ...type, ...headers(name) } };
    return (await fetch(url + path, { ...request, body: JSON.stringify(body) })).status;
  };
  expect(await send('ok', '/predict?from=field', { weight: 9 })).toBe(200);
  expect(await send('missing', '/models/none/predict', { weight: 9 })).toBe(404);
  expect(await send('invalid', '/predict', { weight: 'heavy' })).toBe(422);
  const correction = { input: { weight: 9 }, label: 'big' };
  expect(await send('failed', '/feedback', correction)).toBe(503);
  expect((await fetch(`${url}/version`)).status).toBe(200);
  const client = connectGrpc(grpc);
  const input = {
    ...{ name: 'input', datatype: 'FP32', shape: [1n, 3n] },
    contents: { fp32Contents: [9, 1, 0] },
  };
  const request = { modelName: 'gourds', inputs: [input] };
  await client.call(GRPCInferenceService.method.modelInfer, request, { headers: headers('grpc') });
  client.close();
}

test.each([
  ['ecs', ''],
  ['gelf', '_'],
  ['fluentd', ''],
] as const)('every line is as %s says, with the trace of its request', async (format, prefix) => {
  const lines = await logOf(format);
  for (const line of lines) expect([line, ...Errors(lineSchemas[format], line)]).toEqual([line]);
  const of = (name: Name) => lines.filter((line) => line[`${prefix}trace.id`] === traceIdOf(name));
  const fields = (all: Line) =>
    expect.objectContaining(
      Object.fromEntries(Object.entries(all).map(([name, value]) => [prefix + name, value])),
    );
  const answered = (path: string, code: number) =>
    fields({
      'span.id': spanId,
      'http.request.method': 'POST',
      'url.path': path,
      'http.response.status_code': code,
      'event.duration': expect.any(Number),
    });
  expect(of('ok')).toContainEqual(answered('/predict', 200));
  expect(of('ok')).toContainEqual(fields({ 'url.query': 'from=field' }));
  expect(of('missing')).toContainEqual(answered('/models/none/predict', 404));
  expect(of('invalid')).toContainEqual(answered('/predict', 422));
  expect(of('failed')).toContainEqual(answered('/feedback', 503));
  expect(of('failed')).toContainEqual(
    fields({ 'error.code': 'FEEDBACK_UNWRITABLE', 'error.stack_trace': expect.any(String) }),
  );
  expect(of('grpc')).toEqual([
    fields({
      'span.id': spanId,
      'url.path': '/inference.GRPCInferenceService/ModelInfer',
      'http.response.status_code': 200,
    }),
  ]);
});

test("pino's own lines have the trace of their request, too, and a new one where it names none", async () => {
  const lines = await logOf('pino');
  const of = (name: Name) => lines.filter((line) => line['trace.id'] === traceIdOf(name));
  expect(of('ok')).toEqual([
    expect.objectContaining({ 'span.id': spanId, reqId: 'req-1', msg: 'incoming request' }),
    expect.objectContaining({ 'span.id': spanId, reqId: 'req-1', msg: 'request completed' }),
  ]);
  expect(of('grpc')).toEqual([expect.objectContaining({ code: 200, msg: 'call completed' })]);
  const own = lines.filter(({ reqId }) => reqId === 'req-5');
  expect(own.map(({ msg }) => msg)).toEqual(['incoming request', 'request completed']);
  expect(new Set(own.map((line) => line['trace.id'])).size).toBe(1);
  expect(own[0]?.['trace.id']).toMatch(/^[0-9a-f]{32}$/);
  expect(own[0]?.['span.id']).toMatch(/^[0-9a-f]{16}$/);
});

test.each(['pino', 'ecs'])('no line of %s holds a key that stood in an address', async (format) => {
  const key = `mainstem_${'b2'.repeat(24)}Z`;
  const child = launch(format, 'ipc');
  const output = text(child.stdout ?? Readable.from([]));
  const [{ url }] = await once(child, 'message');
  for (const path of ['version?access_token=', 'models/', 'version?a=1&x='])
    await fetch(`${url}/${path}${key}`);
  await fetch(`${url}/version?password=hush`);
  child.kill('SIGTERM');
  const all = await output;
  expect(linesOf(all).length).toBeGreaterThan(4);
  expect(all).toContain('access_token=***');
  expect(all).not.toContain(key.slice(9, 30));
  expect(all).not.toContain('hush');
});

test('a server without a parent says where it serves in the format of its lines', async () => {
  const child = launch('gelf', 'ignore');
  let output = '';
  for await (const part of child.stdout ?? []) {
    output += part;
    if (output.includes('Serving at')) child.kill('SIGTERM');
  }
  const lines = linesOf(output);
  for (const line of lines) expect([line, ...Errors(lineSchemas.gelf, line)]).toEqual([line]);
  const said = expect.stringMatching(/^Serving at http:\S+, gRPC at \S+$/);
  expect(lines).toContainEqual(expect.objectContaining({ short_message: said }));
});
