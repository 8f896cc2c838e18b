import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { test } from '../../helpers/folder.ts';
import { photoOf } from '../../helpers/photos.ts';
import { inferenceClients } from '../../helpers/tools.ts';
import { type AskedServer, runClient, startAskedServer } from './asked-server.ts';

const ask = (url: string, ...args: string[]) => runClient('triton.py', new URL(url).host, ...args);
const askGrpc = (...args: string[]) => runClient('triton_grpc.py', ...args);

let server: AskedServer;
let row: string[];
beforeAll(async () => {
  server = await startAskedServer();
  row = [server.model, 'row', String(server.width)];
});
afterAll(() => server.stop());

describe.skipIf(!existsSync(inferenceClients.python))('tritonclient', () => {
  test('gets the same answer for a row as bytes and as JSON', async () => {
    const found = await ask(server.url, ...row);
    expect(found).toMatchObject({
      live: true,
      ready: true,
      extensions: expect.arrayContaining(['binary_tensor_data']),
      refusal: expect.stringContaining('no-such-model'),
    });
    expect(found.json).toEqual(found.binary);
    expect(found.binary.class.length).toBe(2);
  });

  test('sends photos as they are', async ({ folder }) => {
    const path = join(folder, 'bad.jpg');
    await writeFile(path, await photoOf('bad'));
    const found = await ask(server.ours.url, 'pumpkins', 'photo', path);
    expect(found.binary.class).toEqual(['bad']);
  });
});

describe.skipIf(!existsSync(inferenceClients.python))('the model repository extension', () => {
  test('lists, loads and unloads, and an unloaded model answers the next request', async () => {
    const found = await ask(server.ours.url, 'gourds', 'repository', '3');
    const answer = { ready: true, class: expect.arrayContaining(['small']) };
    expect(found).toEqual({
      extensions: expect.arrayContaining(['model_repository']),
      unloaded: { ...answer, state: 'UNAVAILABLE' },
      loaded: { ...answer, state: 'READY' },
      config: expect.stringContaining('"config"'),
    });
  });
});

describe.skipIf(!inferenceClients.hasGrpc)('tritonclient over gRPC', () => {
  test('lists, loads and unloads models as over HTTP', async () => {
    const found = await askGrpc(server.ours.grpc, 'gourds', 'repository', '3');
    const answer = { ready: true, class: expect.arrayContaining(['small']) };
    expect(found).toEqual({
      unloaded: { ...answer, state: 'UNAVAILABLE' },
      loaded: { ...answer, state: 'READY' },
      config: {
        status: 'StatusCode.INVALID_ARGUMENT',
        message: expect.stringContaining('"config"'),
      },
    });
  });

  test('gets the same answer for a row as over HTTP', async () => {
    const asked = server.grpc ? row : ['gourds', 'row', '3'];
    const found = await askGrpc(server.grpc ?? server.ours.grpc, ...asked);
    expect(found).toMatchObject({
      live: true,
      ready: true,
      inputs: [['input', 'FP32', [-1, Number(asked[2])]]],
      refusal: {
        status: 'StatusCode.NOT_FOUND',
        message: expect.stringContaining('no-such-model'),
      },
    });
    if (server.isOurs) expect(found.answer).toEqual((await ask(server.url, ...row)).binary);
  });

  test('sends photos as they are', async ({ folder }) => {
    const path = join(folder, 'bad.jpg');
    await writeFile(path, await photoOf('bad'));
    const found = await askGrpc(server.ours.grpc, 'pumpkins', 'photo', path);
    expect(found.answer.class).toEqual(['bad']);
  });
});
