import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { keysFile, type Scope } from '../../../platform/schemas/access-names.ts';
import { hasScope } from '../../../serving/access/route-scopes.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { bearer, makeKey, type TestKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
const open: ServingApp[] = [];
const now = () => new Date('2026-11-26T12:00:00.000Z');

beforeEach(async () => {
  repository = await createModelRepository(gourds, pumpkins);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ app }) => app.close()));
  await repository.remove();
});

async function serve(settings = {}) {
  const serving = await serveModels(repository.root, { model: 'pumpkins', ...settings }, now);
  open.push(serving);
  return serving.app;
}

/** Whoever may do one thing each, and those who may do nothing. */
const keys = {
  predict: makeKey('stand'),
  feedback: makeKey('pickers', { scopes: ['feedback'] }),
  metrics: makeKey('prometheus', { scopes: ['metrics'] }),
  admin: makeKey('jen', { scopes: ['admin'] }),
  expired: makeKey('last-year', { scopes: ['admin'], expiresAt: '2026-11-26T12:00:00.000Z' }),
} as const;
const allKeys = Object.values(keys);

interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly scope: Scope;
}
const row = { weight: 9 };
const closed: readonly (Call & { readonly payload?: object })[] = [
  { method: 'POST', url: '/models/gourds/predict', scope: 'predict', payload: row },
  { method: 'POST', url: '/predict', scope: 'predict', payload: row },
  { method: 'POST', url: '/v2/models/gourds/infer', scope: 'predict', payload: {} },
  { method: 'POST', url: '/v2/models/gourds/explain', scope: 'predict', payload: row },
  { method: 'GET', url: '/models', scope: 'predict' },
  { method: 'GET', url: '/v2', scope: 'predict' },
  { method: 'GET', url: '/v2/models/gourds', scope: 'predict' },
  { method: 'GET', url: '/v2/models/gourds/ready', scope: 'predict' },
  { method: 'GET', url: '/v2/models/gourds/versions/0123456789ab', scope: 'predict' },
  { method: 'GET', url: '/openapi.json', scope: 'predict' },
  { method: 'GET', url: '/docs/', scope: 'predict' },
  { method: 'GET', url: '/docs/static/swagger-ui.css', scope: 'predict' },
  {
    method: 'POST',
    url: '/models/gourds/feedback',
    scope: 'feedback',
    payload: { row, label: 'big' },
  },
  { method: 'POST', url: '/feedback', scope: 'feedback', payload: { row, label: 'big' } },
  { method: 'GET', url: '/metrics', scope: 'metrics' },
  { method: 'GET', url: '/version', scope: 'metrics' },
];
const everybody = ['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready', '/', '/page.js'];

describe('a server with keys', () => {
  const ask = (app: Awaited<ReturnType<typeof serve>>, call: (typeof closed)[number], key = '') =>
    app.inject({
      method: call.method,
      url: call.url,
      ...(call.payload ? { payload: call.payload } : {}),
      headers: key ? bearer(key) : {},
    });

  test('answers each route for those who may, and nobody else, with the standard refusals', async () => {
    await writeKeys(repository.root, ...allKeys);
    const app = await serve();
    for (const call of closed) {
      const shown = `${call.method} ${call.url}`;
      const none = await ask(app, call);
      expect(none.statusCode, shown).toBe(401);
      expect(none.headers['www-authenticate']).toBe('Bearer realm="mainstem"');
      for (const wrong of [makeKey('x').text, 'mainstem_short', keys.expired.text, 'a.b.c']) {
        const refused = await ask(app, call, wrong);
        expect(refused.statusCode, shown).toBe(401);
        expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
        expect(refused.body).not.toContain(wrong);
      }
      for (const [name, key] of Object.entries(keys)) {
        if (name === 'expired') continue;
        const { statusCode, headers, body } = await ask(app, call, key.text);
        const may = name === 'admin' || name === call.scope;
        if (may) expect([401, 403], `${shown} for ${name}: ${body}`).not.toContain(statusCode);
        else expect(statusCode, `${shown} for ${name}`).toBe(403);
        if (!may) expect(headers['www-authenticate']).toContain(`scope="${call.scope}"`);
      }
    }
  });

  test('answers health checks and the page’s files for everybody', async () => {
    await writeKeys(repository.root, ...allKeys);
    const app = await serve();
    for (const url of everybody) expect((await app.inject(url)).statusCode, url).toBe(200);
  });

  test('refuses by problem details, and under /v2 by an error of the protocol', async () => {
    await writeKeys(repository.root, keys.predict);
    const app = await serve();
    const refused = await app.inject({ method: 'POST', url: '/predict', payload: row });
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.json()).toMatchObject({ status: 401, code: 'ACCESS_KEY_MISSING' });
    const protocol = await app.inject('/v2/models/gourds');
    expect(protocol.json()).toEqual({ error: expect.stringContaining('Authorization: Bearer') });
  });

  test('refuses whoever has no key before the body is read or takes a place', async () => {
    await writeKeys(repository.root, keys.predict);
    const app = await serve();
    const call = { method: 'POST', url: '/models/turnips/predict', payload: '{"not' } as const;
    expect((await app.inject(call)).json().code).toBe('ACCESS_KEY_MISSING');
  });

  test('names every route’s scope, so that a new one is closed until somebody decides', async () => {
    await writeKeys(repository.root, ...allKeys);
    const app = await serve();
    const routes = app.printRoutes({ commonPrefix: false, includeHooks: false });
    // The drawing leaves out the slash before the star.
    const urls = pathsOf(routes).map((url) => url.replace('/docs*', '/docs/*'));
    expect(urls.length).toBeGreaterThan(20);
    expect(urls.filter((url) => !hasScope(url))).toEqual([]);
  });
});

/** The paths of Fastify's drawing of its routes. */
function pathsOf(drawn: string): string[] {
  const trail: string[] = [];
  return drawn.split('\n').flatMap((line) => {
    const found = /^((?:│ {3}| {4})*)(?:├── |└── )(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!found) return [];
    const [, indent = '', part = '', methods] = found;
    trail.length = indent.length / 4;
    trail.push(part);
    return methods ? [trail.join('')] : [];
  });
}

describe('without keys', () => {
  test('a server on loopback is open', async () => {
    const app = await serve();
    expect((await app.inject('/models')).statusCode).toBe(200);
    expect((await app.inject('/session')).json()).toMatchObject({ required: false });
  });

  test('a server that others can reach does not start, and says both ways out', async () => {
    await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'ACCESS_KEYS_REQUIRED',
      hint: expect.stringMatching(/mainstem keys add.*MAINSTEM_ACCESS=open/),
    });
    const app = await serve({ host: '0.0.0.0', access: 'open' });
    expect((await app.inject('/models')).statusCode).toBe(200);
  });

  test('nor does one behind a declared proxy, which others reach, too', async () => {
    const refused = serve({ proxies: '127.0.0.1' });
    await expect(refused).rejects.toMatchObject({ code: 'ACCESS_KEYS_REQUIRED' });
    await serve({ proxies: '127.0.0.1', access: 'open' });
  });

  test('what is not sent as a bearer’s key is not called a broken key', async () => {
    await writeKeys(repository.root, keys.metrics);
    const app = await serve();
    for (const authorization of [keys.metrics.text, 'Basic YTpi', 'Bearer', 'Bearer a, Bearer b']) {
      const { statusCode, body } = await app.inject({ url: '/models', headers: { authorization } });
      expect(statusCode).toBe(401);
      expect(body).toContain('does not say');
    }
  });

  test('one that shall always ask for keys does not start on loopback either', async () => {
    await expect(serve({ access: 'keys' })).rejects.toMatchObject({ code: 'ACCESS_KEYS_REQUIRED' });
  });
});

/** Longer than the server waits before it looks at the file again. */
const noticed = 1500;

describe('the keys file', () => {
  test('is read again when it changes, and a damaged one keeps the last good keys', async () => {
    const path = join(repository.root, keysFile);
    await writeKeys(repository.root, keys.metrics);
    const app = await serve();
    const status = async (key: TestKey) =>
      (await app.inject({ url: '/version', headers: bearer(key.text) })).statusCode;
    expect([await status(keys.metrics), await status(keys.admin)]).toEqual([200, 401]);
    await writeKeys(repository.root, keys.admin);
    await delay(noticed);
    expect([await status(keys.metrics), await status(keys.admin)]).toEqual([401, 200]);
    for (const damage of ['{"version":1,"keys":[', '', '{"version":2,"keys":[]}']) {
      await writeFile(path, damage);
      await delay(noticed);
      expect([await status(keys.metrics), await status(keys.admin)]).toEqual([401, 200]);
      expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready', keys: 'damaged' });
    }
    const { body } = await app.inject({ url: '/metrics', headers: bearer(keys.admin.text) });
    expect(body).toContain(`${metrics.accessFileDamaged.name} 1`);
    await rm(path);
    await delay(noticed);
    expect(await status(keys.admin)).toBe(200);
    await writeKeys(repository.root, keys.metrics);
    await delay(noticed);
    expect([await status(keys.metrics), await status(keys.admin)]).toEqual([200, 401]);
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  }, 30_000);

  test('closes a server that was open when it appears, even damaged', async () => {
    const app = await serve();
    await writeFile(join(repository.root, keysFile), 'not JSON');
    await delay(noticed);
    expect((await app.inject('/models')).statusCode).toBe(401);
    await writeKeys(repository.root, keys.predict);
    await delay(noticed);
    const asked = { url: '/models', headers: bearer(keys.predict.text) };
    expect((await app.inject(asked)).statusCode).toBe(200);
  }, 15_000);

  test('that is damaged at the start, or that everybody may write, is refused', async () => {
    const path = join(repository.root, keysFile);
    await writeFile(path, '{');
    await expect(serve()).rejects.toMatchObject({ code: 'JSON_INVALID' });
    await writeKeys(repository.root, keys.predict);
    await chmod(path, 0o666);
    await expect(serve()).rejects.toMatchObject({ code: 'KEYS_FILE_WRITABLE' });
  });
});

test('a key’s rate is kept, and every answer says what is left', async () => {
  const slow = makeKey('slow', { rate: 2 });
  await writeKeys(repository.root, slow, keys.predict);
  const app = await serve();
  const ask = () => app.inject({ url: '/models', headers: bearer(slow.text) });
  const [first, second, third] = [await ask(), await ask(), await ask()];
  expect(first.headers).toMatchObject({ 'ratelimit-policy': '"minute";q=2;w=60' });
  expect([first.headers.ratelimit, second.headers.ratelimit]).toEqual([
    expect.stringMatching(/^"minute";r=1;t=\d+$/),
    expect.stringMatching(/^"minute";r=0;t=\d+$/),
  ]);
  expect(third.statusCode).toBe(429);
  expect(third.json().code).toBe('ACCESS_RATE_LIMIT');
  expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
  const other = await app.inject({ url: '/models', headers: bearer(keys.predict.text) });
  expect(other.statusCode).toBe(200);
  expect(other.headers.ratelimit).toBeUndefined();
});

test('metrics count by key and outcome, and hold no part of a key', async () => {
  await writeKeys(repository.root, ...allKeys);
  const app = await serve();
  const stranger = makeKey('stranger').text;
  await app.inject({ url: '/models', headers: bearer(stranger) });
  await app.inject({ url: '/models', headers: bearer(keys.predict.text) });
  await app.inject({ url: '/models', headers: bearer(keys.metrics.text) });
  await app.inject({ url: '/models', headers: bearer(keys.expired.text) });
  const { body } = await app.inject({ url: '/metrics', headers: bearer(keys.metrics.text) });
  const { name } = metrics.access;
  for (const labels of [
    'key="",outcome="unknown"',
    'key="",outcome="expired"',
    'key="stand",outcome="admitted"',
    'key="prometheus",outcome="scope"',
  ])
    expect(body).toContain(`${name}{${labels}} 1`);
  for (const { text } of allKeys) expect(body).not.toContain(text.slice(9, 25));
  expect(body).not.toContain(stranger.slice(9, 25));
});

test('a photo is answered with a key', async () => {
  await writeKeys(repository.root, keys.predict);
  const app = await serve();
  const answer = await app.inject({
    method: 'POST',
    url: '/predict',
    payload: await photoOf('bad'),
    headers: { ...bearer(keys.predict.text), 'content-type': 'image/jpeg' },
  });
  expect(answer.json()).toMatchObject({ results: [{ class: 'bad' }] });
});

describe('other web sites', () => {
  const origin = 'https://farm.example';

  test('that are listed may call with a key, and others may not', async () => {
    await writeKeys(repository.root, keys.predict);
    const app = await serve({ origins: origin });
    const preflight = (from: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/models',
        headers: { origin: from, 'access-control-request-method': 'GET' },
      });
    const allowed = await preflight(origin);
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe(origin);
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
    const other = await preflight('https://evil.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    const refused = await app.inject({ url: '/models', headers: { origin } });
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe(origin);
  });

  test('change nothing about what is unknown', async () => {
    const app = await serve({ origins: origin });
    expect((await app.inject('/turnips')).statusCode).toBe(404);
    expect((await app.inject({ method: 'DELETE', url: '/models' })).statusCode).toBe(405);
  });

  test('are not mentioned where none is listed', async () => {
    const app = await serve();
    const answer = await app.inject({ url: '/models', headers: { origin } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

test('responses have the headers of helmet', async () => {
  const app = await serve();
  const { headers } = await app.inject('/');
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});

test('the description of the API says which scope a route asks for', async () => {
  const app = await serve();
  const { components, paths } = (await app.inject('/openapi.json')).json();
  expect(components.securitySchemes).toMatchObject({ key: { type: 'http', scheme: 'bearer' } });
  expect(paths['/predict'].post.security).toEqual([
    { key: ['predict'] },
    { session: ['predict'] },
    {},
  ]);
  expect(paths['/healthz'].get.security).toEqual([]);
});
