import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningServer, startServer } from '../../../pipeline/operations/start-server.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { test } from '../../helpers/folder.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { inferenceClients } from '../../helpers/tools.ts';

const scripts = import.meta.dirname;

/** Another server than ours: its address, one of its models, and the width of the rows that this takes. */
const { OIP_URL, OIP_GRPC, OIP_MODEL = '', OIP_WIDTH = '' } = process.env;

const ask = (url: string, ...args: string[]) => runClient('triton.py', new URL(url).host, ...args);
const askGrpc = (...args: string[]) => runClient('triton_grpc.py', ...args);

async function runClient(script: string, ...args: string[]) {
  const given = [join(scripts, script), ...args];
  const { stdout } = await promisify(execFile)(inferenceClients.python, given);
  return JSON.parse(stdout);
}

let repository: ModelRepository;
let server: RunningServer;
beforeAll(async () => {
  repository = await createModelRepository(gourds, pumpkins);
  const { signal } = new AbortController();
  const workspace = { root: repository.root, reporter: silentReporter, signal };
  const options = { port: 0, grpcPort: 0, host: '127.0.0.1', model: 'pumpkins' };
  server = await startServer(workspace, options);
});
afterAll(async () => {
  await server.stop();
  await repository.remove();
});

describe.skipIf(!existsSync(inferenceClients.python))('tritonclient', () => {
  test('gets the same answer for a row as bytes and as JSON', async () => {
    const found = await ask(
      OIP_URL ?? server.url,
      ...(OIP_URL ? [OIP_MODEL, 'row', OIP_WIDTH] : ['gourds', 'row', '3']),
    );
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
    const found = await ask(server.url, 'pumpkins', 'photo', path);
    expect(found.binary.class).toEqual(['bad']);
  });
});

describe.skipIf(!inferenceClients.hasGrpc)('tritonclient over gRPC', () => {
  test('gets the same answer for a row as over HTTP', async () => {
    const row = OIP_GRPC ? [OIP_MODEL, 'row', OIP_WIDTH] : ['gourds', 'row', '3'];
    const found = await askGrpc(OIP_GRPC ?? server.grpc ?? '', ...row);
    expect(found).toMatchObject({
      live: true,
      ready: true,
      inputs: [['input', 'FP32', [-1, Number(row[2])]]],
      refusal: {
        status: 'StatusCode.NOT_FOUND',
        message: expect.stringContaining('no-such-model'),
      },
    });
    if (!OIP_GRPC) expect(found.answer).toEqual((await ask(server.url, ...row)).binary);
  });

  test('sends photos as they are', async ({ folder }) => {
    const path = join(folder, 'bad.jpg');
    await writeFile(path, await photoOf('bad'));
    const found = await askGrpc(server.grpc ?? '', 'pumpkins', 'photo', path);
    expect(found.answer.class).toEqual(['bad']);
  });
});
