import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, makeKey, type TestKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';

const server = join(import.meta.dirname, '../../../serving/server.ts');
/** The server looks at its keys every second, and a busy machine takes longer. */
const patience = { timeout: 15_000 };
let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(gourds);
});
afterAll(() => repository.remove());

/** Starts the server as a process that logs everything. */
async function start(settings: Record<string, string> = {}) {
  const env = { ...process.env, MAINSTEM_ROOT: repository.root, PORT: '0', ...settings };
  const child = spawn(process.execPath, [server], {
    env: { ...env, LOG_LEVEL: 'debug', MAINSTEM_WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      log += text;
    });
  const closed = once(child, 'exit');
  const [message]: { url?: string; error?: { code: string } }[] = await once(child, 'message');
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
    return log;
  };
  return { url: message?.url ?? '', error: message?.error, stop };
}

const predict = (url: string, { text }: TestKey) =>
  fetch(`${url}/predict`, {
    method: 'POST',
    body: '{"weight":9}',
    headers: { 'content-type': 'application/json', ...bearer(text) },
  });

test('keys are exchanged under load without a restart and without a lost request, and none is in the log', async () => {
  const [first, second, stranger] = [makeKey('first'), makeKey('second'), makeKey('stranger')];
  await writeKeys(repository.root, first);
  const { url, stop } = await start();
  const statuses: number[] = [];
  let current = first;
  let running = true;
  const client = async () => {
    while (running) {
      const { status } = await predict(url, current);
      statuses.push(status);
    }
  };
  const clients = [client(), client(), client(), client()];
  await delay(500);
  await writeKeys(repository.root, first, second);
  await expect.poll(async () => (await predict(url, second)).status, patience).toBe(200);
  current = second;
  await delay(300);
  await writeKeys(repository.root, second);
  await expect.poll(async () => (await predict(url, first)).status, patience).toBe(401);
  await delay(300);
  running = false;
  await Promise.all(clients);
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await predict(url, stranger)).status).toBe(401);
  await fetch(`${url}/session`, {
    method: 'POST',
    body: JSON.stringify({ key: stranger.text }),
    headers: { 'content-type': 'application/json' },
  });
  const log = await stop();
  expect(log).toContain('access keys were read');
  for (const { text } of [first, second, stranger]) expect(log).not.toContain(text.slice(9, 25));
}, 60_000);

test('a process on an address that others reach ends with the code that says what to do', async () => {
  const empty = await createModelRepository(gourds);
  const { error, stop } = await start({ HOST: '0.0.0.0', MAINSTEM_ROOT: empty.root });
  expect(error).toMatchObject({ code: 'ACCESS_KEYS_REQUIRED' });
  await stop();
  await empty.remove();
});
