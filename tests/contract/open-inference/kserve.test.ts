import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { test } from '../../helpers/folder.ts';
import { photoOf } from '../../helpers/photos.ts';
import { inferenceClients } from '../../helpers/tools.ts';
import { type AskedServer, runClient, startAskedServer } from './asked-server.ts';

const ask = (...args: string[]) => runClient('kserve_client.py', ...args);

/** The client takes four seconds of processor time to start. */
const patience = 180_000;

let server: AskedServer;
beforeAll(async () => {
  server = await startAskedServer();
});
afterAll(() => server.stop());

describe.skipIf(!inferenceClients.hasKserve)('KServe’s client', () => {
  test('gets the same answer for a row as bytes, as JSON and over gRPC', {
    timeout: patience,
  }, async () => {
    const { url, grpc, model, width } = server;
    const found = await ask(url, grpc ?? '-', model, 'row', String(width));
    expect(found).toMatchObject({ live: true, ready: true });
    expect(found.refusal).toContain('404');
    // It reads the reason only from errors of this very content type: application/json, and nothing after it.
    if (server.isOurs) expect(found.refusal).toContain('There is no model "no-such-model" here.');
    expect(found.binary.class.length).toBe(2);
    expect(found.json).toEqual(found.binary);
    if (grpc) expect(found.grpc).toEqual({ ready: true, answer: found.binary });
  });

  test('sends photos as they are', { timeout: patience }, async ({ folder }) => {
    const path = join(folder, 'bad.jpg');
    await writeFile(path, await photoOf('bad'));
    const { url, grpc } = server.ours;
    const found = await ask(url, grpc, 'pumpkins', 'photo', path);
    expect(found.binary.class).toEqual(['bad']);
    expect(found.grpc.answer).toEqual(found.binary);
  });
});
