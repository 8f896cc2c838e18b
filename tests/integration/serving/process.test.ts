import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { type RunningServer, startServer } from '../../../pipeline/operations/start-server.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(gourds, pumpkins);
});
afterAll(() => repository.remove());
afterEach(() => void vi.unstubAllEnvs());

const start = (
  port = 0,
  model = 'pumpkins',
  signal = new AbortController().signal,
): Promise<RunningServer> => startAt('127.0.0.1', port, { model, signal });

const startAt = (
  host: string,
  port: number,
  { model = 'pumpkins', signal = new AbortController().signal } = {},
): Promise<RunningServer> => {
  const workspace: Workspace = { root: repository.root, reporter: silentReporter, signal };
  return startServer(workspace, { port, host, model });
};

/** Processes that a process has started and that have not ended. */
async function childrenOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean);
}

test('answers a photo over HTTP, and ends with 0 when asked to stop', async () => {
  const server = await start();
  const response = await fetch(`${server.url}/predict`, {
    method: 'POST',
    body: await photoOf('bad'),
    headers: { 'content-type': 'image/jpeg' },
  });
  expect(await response.json()).toMatchObject({ model: 'pumpkins', results: [{ class: 'bad' }] });
  await server.stop();
  expect(await server.closed).toBe(0);
  await expect(fetch(server.url)).rejects.toThrow();
});

test('a request in progress is answered even though the server was asked to stop', async () => {
  const server = await start();
  const photo = await photoOf('good');
  const slow = new ReadableStream({
    async start(controller) {
      controller.enqueue(photo.subarray(0, 100));
      await delay(400);
      controller.enqueue(photo.subarray(100));
      controller.close();
    },
  });
  const request = { method: 'POST', body: slow, headers: { 'content-type': 'image/jpeg' } };
  const answer = fetch(`${server.url}/predict`, { ...request, duplex: 'half' } as RequestInit);
  await delay(100);
  const stopped = server.stop();
  const response = await answer;
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ results: [{ class: 'good' }] });
  await stopped;
  expect(await server.closed).toBe(0);
});

test('a client that never sends the rest holds up the end of a server for its patience only', async () => {
  const server = await start();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {}).resume();
  socket.write(
    'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: 9\r\n\r\nhalf',
  );
  await vi.waitFor(async () => {
    const said = await (await fetch(`${server.url}/metrics`)).text();
    expect(said.split('\n')).toContain(`${metrics.requestsInFlight.name} 2`);
  });
  const ended = await Promise.all([server.stop().then(() => server.closed), once(socket, 'close')]);
  expect(ended[0]).toBe(3);
  await expect(fetch(server.url)).rejects.toThrow();
}, 40_000);

test('a port in use is reported with the option that helps', async () => {
  const first = await start();
  const port = Number(new URL(first.url).port);
  await expect(start(port)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    exitCode: 3,
    message: `Port ${port} on 127.0.0.1 is in use by a Mainstem server that still runs.`,
    hint: expect.stringContaining(`Choose another: --port ${port + 1}.`),
  });
  await first.stop();
});

test('so is one that another program uses', async () => {
  const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const taken = { code: 'PORT_TAKEN', details: { by: 'another program' } };
  await expect(start(port)).rejects.toMatchObject(taken);
  other.close();
});

test('a port for gRPC in use is reported, too', async () => {
  const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  vi.stubEnv('GRPC_PORT', String(port));
  await expect(start()).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    details: { by: 'another program', port },
  });
  other.close();
});

test('gRPC listens where its variable says, and ends with the server', async () => {
  vi.stubEnv('GRPC_PORT', '0');
  const server = await start();
  expect(server.grpc).toMatch(/^127\.0\.0\.1:\d+$/);
  const client = connectGrpc(server.grpc ?? '');
  const ready = { ready: true };
  expect(await client.call(GRPCInferenceService.method.serverReady, {})).toMatchObject(ready);
  await server.stop();
  expect(await server.closed).toBe(0);
  client.close();
});

test.for([
  '192.0.2.1',
  'foo bar',
  'localhost:80',
  'nowhere.invalid',
  '999.1.1.1',
  '::ffff:192.0.2.1',
])('an address that cannot be listened at is refused with what helps: %s', async (host) => {
  vi.stubEnv('MAINSTEM_ACCESS', 'open');
  await expect(startAt(host, 0)).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    exitCode: 3,
    message: expect.stringMatching(/^Cannot listen at [^{]+, port 0: /),
    hint: expect.stringContaining('--host'),
  });
});

test('an error that prevents starting arrives as the same error', async () => {
  await expect(start(0, 'turnips')).rejects.toMatchObject({
    code: 'SERVING_NO_MODEL',
    message: 'There is no model to serve: models/turnips/production.json does not exist.',
  });
});

test.each([0, 30, 200, 500, 800, 1200])(
  'stopped %i ms after the start it says nothing but that, wherever it was',
  async (ms) => {
    const controller = new AbortController();
    const reason = new MainstemError('INTERRUPTED');
    const started = start(0, 'pumpkins', controller.signal);
    const ended = started.then(
      ({ closed }) => closed,
      (error: unknown) => error,
    );
    await delay(ms);
    controller.abort(reason);
    // A fast machine listens by then, and ends as it does then.
    expect([reason, 0]).toContain(await ended);
  },
);

test.skipIf(process.platform !== 'linux')(
  'a signal that only the server gets while it starts is named',
  async () => {
    const before = new Set(await childrenOf(process.pid));
    const started = start().catch((error: unknown) => error);
    const [child] = (await childrenOf(process.pid)).filter((pid) => !before.has(pid));
    process.kill(Number(child), 'SIGKILL');
    expect(await started).toMatchObject({
      code: 'SERVING_FAILED',
      message: 'The server stopped before it answered: it was ended by SIGKILL.',
    });
  },
);

test('the workspace’s signal stops it', async () => {
  const controller = new AbortController();
  const server = await start(0, 'pumpkins', controller.signal);
  controller.abort();
  expect(await server.closed).toBe(0);
});
