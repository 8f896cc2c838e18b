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

const script = join(import.meta.dirname, 'triton.py');

/** Another server than ours: its address, one of its models, and the width of the rows that this takes. */
const { OIP_URL, OIP_MODEL = '', OIP_WIDTH = '' } = process.env;

async function ask(url: string, ...args: string[]) {
  const address = new URL(url).host;
  const { stdout } = await promisify(execFile)(inferenceClients.python, [script, address, ...args]);
  return JSON.parse(stdout);
}

describe.skipIf(!existsSync(inferenceClients.python))('tritonclient', () => {
  let repository: ModelRepository;
  let server: RunningServer;
  beforeAll(async () => {
    repository = await createModelRepository(gourds, pumpkins);
    const { signal } = new AbortController();
    const workspace = { root: repository.root, reporter: silentReporter, signal };
    server = await startServer(workspace, { port: 0, host: '127.0.0.1', model: 'pumpkins' });
  });
  afterAll(async () => {
    await server.stop();
    await repository.remove();
  });

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
