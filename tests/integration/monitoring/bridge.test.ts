import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect } from 'vitest';
import { RetrainPayload, RevertPayload } from '../../../.github/actions/lib/alert-payload.ts';
import type { Bridge } from '../../../monitoring/bridge/app.ts';
import type { BridgeConfig } from '../../../monitoring/bridge/config.ts';
import { calls } from '../../../monitoring/bridge/github.ts';
import { Memory } from '../../../monitoring/bridge/memory.ts';
import { bridgeMetrics } from '../../../monitoring/metrics.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { readJson } from '../../../platform/lib/json-file.ts';
import {
  app,
  bridgeConfig,
  bridgeEnvironment,
  buildTestBridge,
  type DispatchedGitHub,
  drift,
  notificationOf,
  notify,
  promoteOnMain,
  startDispatchedGitHub,
  worse,
} from '../../helpers/bridge.ts';
import { test as base } from '../../helpers/folder.ts';
import { metricOf } from '../../helpers/metric-of.ts';

const root = join(import.meta.dirname, '../../..');
const hour = 3_600_000;
const appCredentials = { clientId: app.clientId, privateKey: app.privateKey };

interface Farm {
  readonly folder: string;
  readonly github: DispatchedGitHub;
  /** Milliseconds that have passed beyond the clock. */
  later: number;
  open(change?: Partial<BridgeConfig>): Promise<Bridge>;
}

const test = base.extend<{ farm: Farm }>({
  farm: async ({ folder }, use) => {
    const github = await startDispatchedGitHub(folder);
    const open: Bridge[] = [];
    const farm: Farm = {
      ...{ folder, github, later: 0 },
      open: async (change) => {
        const config = bridgeConfig(folder, github, change);
        const bridge = await buildTestBridge(config, () => Date.now() + farm.later);
        open.push(bridge);
        return bridge;
      },
    };
    await use(farm);
    for (const bridge of open) await bridge.close();
    await github.close();
    expect(github.forge.violations).toEqual([]);
    // Whatever a test did: the bridge asked GitHub for nothing that its table does not have.
    const allowed = Object.values(calls).map(({ method, path }) => {
      const place = path
        .replace(/[.?]/g, '\\$&')
        .replace('{repository}', 'jen/farm')
        .replace('{id}', '\\d+')
        .replace('{model}', '[a-z]+');
      return new RegExp(`^${method} ${place}$`);
    });
    for (const said of github.forge.requests)
      expect(
        allowed.some((one) => one.test(said)),
        said,
      ).toBe(true);
  },
});

const samples = async ({ app: server }: Bridge) => (await server.inject('/metrics')).body;
const payloads = ({ dispatched }: DispatchedGitHub) =>
  dispatched.map(({ payload }) => payload.client_payload);

describe('a notification of Alertmanager', () => {
  test('becomes the dispatch that the workflow reads', async ({ farm }) => {
    const bridge = await farm.open();
    const answer = await notify(bridge, notificationOf({}, { labels: worse, fingerprint: 'aa' }));
    expect([answer.statusCode, answer.json()]).toEqual([200, { queued: 2 }]);
    await bridge.outbox.idle();
    expect(farm.github.dispatched.map(({ event, action }) => `${event} ${action}`)).toEqual([
      'repository_dispatch retrain',
      'repository_dispatch revert',
    ]);
    const [retrain, revert] = payloads(farm.github);
    expect(parseValue(retrain, RetrainPayload, 'it')).toMatchObject({ project: 'pumpkins' });
    expect(parseValue(revert, RevertPayload, 'it')).toMatchObject({ version: worse.version });
    const { name } = bridgeMetrics.dispatches;
    expect(await metricOf(bridge, name, { action: 'retrain', outcome: 'sent' })).toBe(1);
    expect(await metricOf(bridge, name, { action: 'retrain', outcome: 'refused' })).toBe(0);
    expect(await metricOf(bridge, bridgeMetrics.waiting.name)).toBe(0);
    const last = await metricOf(bridge, bridgeMetrics.lastSent.name, { action: 'revert' });
    expect(Math.abs((last ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('that is sent again asks for nothing, also after a restart', async ({ farm }) => {
    const first = await farm.open();
    await notify(first, notificationOf({}));
    await notify(first, notificationOf({}));
    await first.outbox.idle();
    await first.close();
    const second = await farm.open();
    await notify(second, notificationOf({}));
    await second.outbox.idle();
    farm.later = 30 * hour;
    await notify(second, notificationOf({}));
    await second.outbox.idle();
    expect(farm.github.dispatched).toHaveLength(1);
  });

  test('within the cool-down asks for nothing, also after a restart, and is heard after it', async ({
    farm,
  }) => {
    const again = notificationOf({ startsAt: '2026-11-26T15:00:00Z' });
    const first = await farm.open();
    await notify(first, notificationOf({}));
    await first.outbox.idle();
    await first.close();
    const second = await farm.open();
    farm.later = 23 * hour;
    expect((await notify(second, again)).json()).toEqual({ queued: 0 });
    farm.later = 25 * hour;
    expect((await notify(second, again)).json()).toEqual({ queued: 1 });
    await second.outbox.idle();
    expect(farm.github.dispatched).toHaveLength(2);
  });

  test('of alerts that are over asks for nothing', async ({ farm }) => {
    const bridge = await farm.open();
    const resolved = notificationOf({ status: 'resolved' });
    expect((await notify(bridge, resolved)).json()).toEqual({ queued: 0 });
    const labels = { action: 'retrain', outcome: 'resolved' };
    expect(await metricOf(bridge, bridgeMetrics.alerts.name, labels)).toBe(1);
    expect(farm.github.forge.requests).toEqual([]);
  });

  test('is refused without the secret, before its body is read', async ({ farm }) => {
    const bridge = await farm.open();
    const huge = 'x'.repeat(2 * 1024 * 1024);
    const wrong = ['', 'Bearer', 'Bearer wrong', `Bearer ${'x'.repeat(41)}`, 'Basic eDp5'];
    for (const header of wrong) {
      const answer = await notify(bridge, huge, header);
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    }
    const { name } = bridgeMetrics.notifications;
    expect(await metricOf(bridge, name, { outcome: 'unauthorised' })).toBe(wrong.length);
    expect((await bridge.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });

  test.for<[string, number, unknown]>([
    ['is not JSON', 400, 'fire!'],
    ['is of another version', 400, { ...notificationOf({}), version: '5' }],
    ['has no alerts', 400, { ...notificationOf({}), alerts: null }],
    [
      'has a label that is not text',
      400,
      notificationOf({ labels: { ...drift, model: 7 as never } }),
    ],
    ['has a beginning that is not a time', 400, notificationOf({ startsAt: 'yesterday' })],
    ['is too large', 413, 'x'.repeat(1024 * 1024 + 1)],
  ])('that %s is refused with %d and asks for nothing', async ([, status, body], { farm }) => {
    const bridge = await farm.open();
    expect((await notify(bridge, body)).statusCode).toBe(status);
    const { name } = bridgeMetrics.notifications;
    expect(await metricOf(bridge, name, { outcome: 'invalid' })).toBe(1);
    expect(farm.github.forge.requests).toEqual([]);
  });

  test('beyond the queue is refused for now, and nothing of it is kept', async ({ farm }) => {
    const bridge = await farm.open({ queue: 2, api: 'http://127.0.0.1:9' });
    const of = (...models: string[]) =>
      notificationOf(
        ...models.map((model) => ({ labels: { ...drift, model }, fingerprint: model })),
      );
    expect((await notify(bridge, of('a', 'b'))).statusCode).toBe(200);
    expect((await notify(bridge, of('c'))).statusCode).toBe(503);
    const kept = await readJson(join(farm.folder, 'bridge.json'), Memory);
    expect(kept.waiting.map(({ project }) => project)).toEqual(['a', 'b']);
    expect(Object.keys(kept.answered)).toHaveLength(2);
  });

  test('that cannot be kept is not taken, so that Alertmanager sends it again', async ({
    farm,
  }) => {
    const state = join(farm.folder, 'state');
    const bridge = await farm.open({ stateFile: join(state, 'bridge.json') });
    await rm(state, { recursive: true });
    await writeFile(state, 'a file in the place of the folder');
    expect((await notify(bridge, notificationOf({}))).statusCode).toBe(503);
    await bridge.outbox.idle();
    expect(farm.github.forge.requests).toEqual([]);
    await rm(state);
    expect((await notify(bridge, notificationOf({}))).json()).toEqual({ queued: 1 });
    await bridge.outbox.idle();
    expect(farm.github.dispatched).toHaveLength(1);
  });
});

describe('GitHub', () => {
  const fault = (
    { forge }: DispatchedGitHub,
    status: number,
    message: string,
    headers: Record<string, string> = {},
  ) => forge.faults.push({ matches: /dispatches$/, status, body: { message }, headers });

  test('that fails or limits is asked again, and takes one dispatch', async ({ farm }) => {
    fault(farm.github, 502, 'Bad gateway');
    fault(farm.github, 403, 'You have exceeded a secondary rate limit', { 'retry-after': '1' });
    fault(farm.github, 429, 'Too many requests', { 'retry-after': '1' });
    const bridge = await farm.open();
    const begun = Date.now();
    await notify(bridge, notificationOf({}));
    await bridge.outbox.idle();
    expect(Date.now() - begun).toBeGreaterThan(2000);
    expect(farm.github.dispatched).toHaveLength(1);
    const { name } = bridgeMetrics.retries;
    expect(await metricOf(bridge, name, { reason: 'limit' })).toBe(2);
    expect(await metricOf(bridge, name, { reason: 'server' })).toBe(1);
  });

  test('in whose place something else answers has started nothing, and is asked again', async ({
    farm,
  }) => {
    fault(farm.github, 200, 'Log in');
    fault(farm.github, 202, 'Log in');
    const bridge = await farm.open();
    await notify(bridge, notificationOf({}));
    await bridge.outbox.idle();
    expect(farm.github.dispatched).toHaveLength(1);
    expect(farm.github.forge.requests).toHaveLength(3);
  });

  test.for([
    [401, 'Bad credentials'],
    [403, 'Resource not accessible by personal access token'],
    [404, 'Not Found'],
    [422, 'Invalid request'],
  ] as const)(
    'that refuses with %d is not asked again, until the alert is repeated',
    async ([status, message], { farm }) => {
      fault(farm.github, status, message);
      const bridge = await farm.open();
      await notify(bridge, notificationOf({}));
      await bridge.outbox.idle();
      const { name } = bridgeMetrics.dispatches;
      expect(await metricOf(bridge, name, { action: 'retrain', outcome: 'refused' })).toBe(1);
      expect(farm.github.forge.requests).toHaveLength(1);
      expect((await notify(bridge, notificationOf({}))).json()).toEqual({ queued: 1 });
      await bridge.outbox.idle();
      expect(farm.github.dispatched).toHaveLength(1);
    },
  );

  test('gives an app a token for this repository and its contents only, which is kept', async ({
    farm,
  }) => {
    const bridge = await farm.open({ credentials: appCredentials, coolDownHours: 0 });
    for (const second of ['01', '02', '03']) {
      await notify(bridge, notificationOf({ startsAt: `2026-11-26T10:00:${second}Z` }));
      await bridge.outbox.idle();
    }
    const { requests, tokens } = farm.github.forge;
    expect(requests.map((said) => said.split('/').at(-1))).toEqual([
      ...['installation', 'access_tokens', 'dispatches', 'dispatches', 'dispatches'],
    ]);
    const issued = [...tokens.values()].filter(({ kind }) => kind === 'app');
    expect(issued).toMatchObject([{ permissions: { contents: 'write' }, repository: 'jen/farm' }]);
    farm.later = 0.95 * hour;
    await notify(bridge, notificationOf({ startsAt: '2026-11-26T11:00:00Z' }));
    await bridge.outbox.idle();
    expect(farm.github.dispatched).toHaveLength(3);
  });

  test('gives an app another token before the old one ends, and where it has ended early', async ({
    farm,
  }) => {
    const bridge = await farm.open({ credentials: appCredentials, coolDownHours: 0 });
    const minted = () =>
      farm.github.forge.requests.filter((said) => said.endsWith('access_tokens')).length;
    await notify(bridge, notificationOf({}));
    await bridge.outbox.idle();
    for (const { value, kind } of [...farm.github.forge.tokens.values()])
      if (kind === 'app') farm.github.forge.tokens.delete(value);
    await notify(bridge, notificationOf({ fingerprint: 'bb' }));
    await bridge.outbox.idle();
    expect([minted(), farm.github.dispatched.length]).toEqual([2, 2]);
    expect(await metricOf(bridge, bridgeMetrics.retries.name, { reason: 'token' })).toBe(1);
  });

  test('does not know an app by another key, and is not asked again', async ({ farm }) => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const bridge = await farm.open({ credentials: { ...appCredentials, privateKey: other } });
    await notify(bridge, notificationOf({}));
    await bridge.outbox.idle();
    const { name } = bridgeMetrics.dispatches;
    expect(await metricOf(bridge, name, { action: 'retrain', outcome: 'refused' })).toBe(1);
    expect(farm.github.forge.requests).toHaveLength(1);
  });

  test('that was away gets what waited from the next process', async ({ farm }) => {
    const first = await farm.open({ api: 'http://127.0.0.1:9' });
    expect((await notify(first, notificationOf({}))).statusCode).toBe(200);
    const begun = Date.now();
    await first.close();
    expect(Date.now() - begun).toBeLessThan(2000);
    expect(farm.github.dispatched).toHaveLength(0);
    const second = await farm.open();
    await second.outbox.idle();
    expect(payloads(farm.github)).toMatchObject([{ project: 'pumpkins' }]);
    expect((await notify(second, notificationOf({}))).json()).toEqual({ queued: 0 });
  });

  test('is sent nothing while a state file cannot be read', async ({ farm }) => {
    await writeFile(join(farm.folder, 'bridge.json'), '{"version": 1, "waiting":');
    const fault = await farm.open().catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'BRIDGE_MEMORY_DAMAGED',
      hint: expect.stringContaining('Move the file away'),
    });
    expect(String(fault)).toContain(join(farm.folder, 'bridge.json'));
    expect(farm.github.forge.requests).toEqual([]);
  });
});

describe('what main promotes', () => {
  const { mainModel, mainChanged, mainRead } = bridgeMetrics;
  const [first, second] = ['0123456789ab', 'ba9876543210'];

  test('is read from its pointers, and what is promoted no longer goes', async ({ farm }) => {
    const bridge = await farm.open();
    expect(await bridge.main.read()).toBe(true);
    expect(await samples(bridge)).not.toContain(`${mainModel.name}{`);
    promoteOnMain(farm.github, { model: 'pumpkins', run: first, at: 1_790_000_000 });
    promoteOnMain(farm.github, { model: 'gourds', run: second, at: 1_790_000_100 });
    await bridge.main.read();
    const version = (run: string, model = 'pumpkins') => ({ model, version: run });
    expect(await metricOf(bridge, mainModel.name, version(first))).toBe(1);
    expect(await metricOf(bridge, mainModel.name, version(second, 'gourds'))).toBe(1);
    expect(await metricOf(bridge, mainChanged.name, { model: 'pumpkins' })).toBe(1_790_000_000);
    promoteOnMain(farm.github, { model: 'pumpkins', run: second, at: 1_790_000_200 });
    promoteOnMain(farm.github, { model: 'gourds', run: null, at: 1_790_000_300 });
    await bridge.main.read();
    expect(await metricOf(bridge, mainModel.name, version(first))).toBeUndefined();
    expect(await metricOf(bridge, mainModel.name, version(second))).toBe(1);
    expect(await metricOf(bridge, mainModel.name, version(second, 'gourds'))).toBeUndefined();
    expect(await metricOf(bridge, mainChanged.name, { model: 'pumpkins' })).toBe(1_790_000_200);
    const at = await metricOf(bridge, mainRead.name);
    expect(Math.abs((at ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('stays as it was known while GitHub does not answer, and the time of reading says so', async ({
    farm,
  }) => {
    promoteOnMain(farm.github, { model: 'pumpkins', run: first, at: 1_790_000_000 });
    const bridge = await farm.open({ credentials: appCredentials });
    expect(await metricOf(bridge, mainRead.name)).toBe(0);
    await bridge.main.read();
    const before = await metricOf(bridge, mainRead.name);
    farm.later = hour / 2;
    const body = { message: 'Server Error' };
    farm.github.forge.faults.push({ matches: /contents\/models$/, status: 500, body });
    expect(await bridge.main.read()).toBe(false);
    expect(await metricOf(bridge, mainModel.name, { model: 'pumpkins', version: first })).toBe(1);
    expect(await metricOf(bridge, mainRead.name)).toBe(before);
    expect(await bridge.main.read()).toBe(true);
    expect(await metricOf(bridge, mainRead.name)).toBeGreaterThan((before ?? 0) + 1000);
  });

  test('that is not a pointer is a fault, and nothing is made of it', async ({ farm }) => {
    promoteOnMain(farm.github, { model: 'pumpkins', run: 'latest', at: 1_790_000_000 });
    const bridge = await farm.open();
    expect(await bridge.main.read()).toBe(false);
    expect(await samples(bridge)).not.toContain(`${mainModel.name}{`);
  });
});

describe('the process', () => {
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });
  const start = (env: NodeJS.ProcessEnv) => {
    const script = join(root, 'monitoring/bridge.ts');
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    return child;
  };

  test('takes notifications until it is stopped, and what waits survives it', async ({ farm }) => {
    const env = bridgeEnvironment(farm.folder, farm.github);
    const child = start({ ...env, MAINSTEM_BRIDGE_API: 'http://127.0.0.1:9' });
    const [line] = await once(child.stdout ?? child, 'data');
    const url = /at (\S+)/.exec(String(line))?.[1] ?? '';
    const secret = (await readFile(join(farm.folder, 'secret'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const body = JSON.stringify(notificationOf({}));
    const answer = await fetch(`${url}/alerts`, { method: 'POST', headers, body });
    expect(await answer.json()).toEqual({ queued: 1 });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    start(env);
    for (let waited = 0; waited < 100 && farm.github.dispatched.length === 0; waited++)
      await pause(100);
    expect(payloads(farm.github)).toMatchObject([{ alert: 'MainstemDataDrift' }]);
  });

  test('waits for another one that has the state file, and goes on where that ended', async ({
    farm,
  }) => {
    const env = bridgeEnvironment(farm.folder, farm.github);
    const first = start(env);
    await once(first.stdout ?? first, 'data');
    const second = start(env);
    const [said] = await once(second.stderr ?? second, 'data');
    expect(String(said)).toContain('Another bridge');
    first.kill('SIGKILL');
    const [line] = await once(second.stdout ?? second, 'data');
    expect(String(line)).toContain('Bridging at');
    second.kill('SIGTERM');
    expect(await once(second, 'exit')).toEqual([0, null]);
  });

  test('does not start where it can keep nothing', async ({ farm }) => {
    const env = bridgeEnvironment(farm.folder, farm.github);
    const place = join(farm.folder, 'file');
    await writeFile(place, '');
    const child = start({ ...env, MAINSTEM_BRIDGE_STATE_FILE: join(place, 'bridge.json') });
    const [[said], [code]] = await Promise.all([
      once(child.stderr ?? child, 'data'),
      once(child, 'exit'),
    ]);
    expect(String(said)).toMatch(/^FILE_UN/);
    expect(code).toBe(3);
  });

  test('says which setting is wrong', async ({ farm }) => {
    const env = bridgeEnvironment(farm.folder, farm.github);
    const child = start({ ...env, MAINSTEM_BRIDGE_REPOSITORY: 'farm' });
    const [[said], [code]] = await Promise.all([
      once(child.stderr ?? child, 'data'),
      once(child, 'exit'),
    ]);
    expect(String(said)).toContain('BRIDGE_CONFIG_INVALID');
    expect(String(said)).toContain('MAINSTEM_BRIDGE_REPOSITORY');
    expect(code).toBe(2);
    expect(existsSync(join(farm.folder, 'bridge.json'))).toBe(false);
  });
});
