import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServingApp } from '../../../serving/app.ts';
import { bearer, makeKey, writeKeys } from '../../helpers/access-keys.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
let servings: ServingApp[];
let clock: number;

beforeEach(async () => {
  repository = await createModelRepository(gourds);
  servings = [];
  clock = Date.parse('2026-11-26T12:00:00.000Z');
});
afterEach(async () => {
  await Promise.all(servings.map(({ app }) => app.close()));
  await repository.remove();
});

async function serve(settings = {}) {
  const serving = await serveModels(repository.root, settings, () => new Date(clock));
  servings.push(serving);
  return serving.app;
}
type App = Awaited<ReturnType<typeof serve>>;

const own = { 'sec-fetch-site': 'same-origin' };
const logIn = (app: App, key: string, headers: Record<string, string> = own) =>
  app.inject({ method: 'POST', url: '/session', payload: { key }, headers });
const cookieOf = ({ headers }: { headers: Record<string, unknown> }) =>
  String(headers['set-cookie']).split(';')[0] ?? '';
const predict = (app: App, headers: Record<string, string>) =>
  app.inject({ method: 'POST', url: '/predict', payload: { weight: 9 }, headers });
const hours = (count: number) => count * 3_600_000;
const stand = makeKey('stand');

test('a key is exchanged for a cookie that no script reads and no other site sends', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve();
  expect((await app.inject('/session')).json()).toEqual({ required: true, name: null, scopes: [] });
  const answer = await logIn(app, ` ${stand.text}\n`);
  expect(answer.json()).toEqual({ required: true, name: 'stand', scopes: ['predict'] });
  const header = String(answer.headers['set-cookie']);
  expect(header).toMatch(/^mainstem=\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect(header).not.toContain(stand.text.slice(9, 30));
  const cookie = cookieOf(answer);
  expect((await app.inject({ url: '/models', headers: { cookie } })).statusCode).toBe(200);
  expect((await predict(app, { cookie, ...own })).statusCode).toBe(200);
  const who = await app.inject({ url: '/session', headers: { cookie } });
  expect(who.json()).toMatchObject({ name: 'stand' });
  expect(who.headers['cache-control']).toBe('no-store');
});

test('behind a declared proxy that ends TLS the cookie is for TLS only', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve({ proxies: '127.0.0.1' });
  const tls = { ...own, 'x-forwarded-proto': 'https' };
  const answer = await logIn(app, stand.text, tls);
  expect(answer.headers['set-cookie']).toMatch(/^__Host-mainstem=.*; Secure$/);
  const cookie = cookieOf(answer);
  expect((await predict(app, { cookie, ...tls })).statusCode).toBe(200);
  expect((await predict(app, { cookie, ...own })).statusCode).toBe(401);
  const undeclared = await serve();
  const plain = await logIn(undeclared, stand.text, tls);
  expect(plain.headers['set-cookie']).not.toContain('Secure');
});

test('what changes something needs more than the cookie: the page must have sent it', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve();
  const cookie = cookieOf(await logIn(app, stand.text));
  const status = async (headers: Record<string, string>) =>
    (await predict(app, { cookie, host: 'localhost:8080', ...headers })).statusCode;
  expect(await status({})).toBe(403);
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await status({ origin: 'http://evil.example' })).toBe(403);
  expect(await status({ origin: 'null' })).toBe(403);
  expect(await status({ origin: 'http://localhost:8080' })).toBe(200);
  expect(await status({ ...bearer(stand.text), origin: 'http://evil.example' })).toBe(200);
});

test('another site can neither log its visitors in nor out', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve();
  const foreign = { 'sec-fetch-site': 'cross-site' };
  expect((await logIn(app, stand.text, foreign)).statusCode).toBe(403);
  const cookie = cookieOf(await logIn(app, stand.text));
  const headers = { cookie, ...foreign };
  const out = await app.inject({ method: 'DELETE', url: '/session', headers });
  expect(out.statusCode).toBe(403);
  expect((await predict(app, { cookie, ...own })).statusCode).toBe(200);
});

test('a session ends by logging out, by its time, with its key, and by a forged letter', async () => {
  const short = makeKey('short', { expiresAt: '2026-11-26T13:00:00.000Z' });
  await writeKeys(repository.root, stand, short);
  const app = await serve();
  const status = async (cookie: string) => (await predict(app, { cookie, ...own })).statusCode;

  const first = cookieOf(await logIn(app, stand.text));
  const out = await app.inject({
    method: 'DELETE',
    url: '/session',
    headers: { cookie: first, ...own },
  });
  expect(out.statusCode).toBe(204);
  expect(out.headers['set-cookie']).toContain('Max-Age=0');
  expect(await status(first)).toBe(401);

  const second = cookieOf(await logIn(app, stand.text));
  const limited = await logIn(app, short.text);
  expect(limited.headers['set-cookie']).toContain('Max-Age=3600');
  const [payload = '', signature = ''] = second.split('.');
  expect(await status(`${payload}.${signature.slice(0, -2)}AA`)).toBe(401);
  const other = Buffer.from('{"name":"stand","id":"x","expires":9999999999999}');
  expect(await status(`mainstem=${other.toString('base64url')}.${signature}`)).toBe(401);
  expect([await status(second), await status(cookieOf(limited))]).toEqual([200, 200]);
  clock += hours(2);
  expect([await status(second), await status(cookieOf(limited))]).toEqual([200, 401]);

  await writeKeys(repository.root, makeKey('stand'));
  await servings[0]?.app.inject('/session');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await status(second)).toBe(401);
});

test('a session is known to every server with the same secret, and to no other', async () => {
  await writeKeys(repository.root, stand);
  const sessionSecret = 'x'.repeat(32);
  const [one, two, three] = [
    await serve({ sessionSecret }),
    await serve({ sessionSecret }),
    await serve(),
  ];
  const cookie = cookieOf(await logIn(one, stand.text));
  expect((await predict(two, { cookie, ...own })).statusCode).toBe(200);
  expect((await predict(three, { cookie, ...own })).statusCode).toBe(401);
});

test('a session that was ended at one server ends at all with the same secret, and after a restart', async () => {
  await writeKeys(repository.root, stand);
  const settings = { sessionSecret: 'x'.repeat(32) };
  const [one, two] = [await serve(settings), await serve(settings)];
  const [ended, other] = [
    cookieOf(await logIn(one, stand.text)),
    cookieOf(await logIn(one, stand.text)),
  ];
  const statuses = async (app: App) => [
    (await predict(app, { cookie: ended, ...own })).statusCode,
    (await predict(app, { cookie: other, ...own })).statusCode,
  ];
  expect(await statuses(two)).toEqual([200, 200]);
  const out = await one.inject({
    method: 'DELETE',
    url: '/session',
    headers: { cookie: ended, ...own },
  });
  expect(out.statusCode).toBe(204);
  expect(await statuses(one)).toEqual([401, 200]);
  await vi.waitFor(async () => expect(await statuses(two)).toEqual([401, 200]), 5000);
  expect(await statuses(await serve(settings))).toEqual([401, 200]);
});

test('a logout that cannot be written down ends the session where it was said', async () => {
  await writeKeys(repository.root, stand);
  const endedSessions = '.mainstem/keys.json/no-folder';
  const app = await serve({ sessionSecret: 'x'.repeat(32), endedSessions });
  const headers = { cookie: cookieOf(await logIn(app, stand.text)), ...own };
  const out = await app.inject({ method: 'DELETE', url: '/session', headers });
  expect(out.statusCode).toBe(204);
  expect((await predict(app, headers)).statusCode).toBe(401);
});

test('after ten wrong keys an address has to wait, and others have not', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve({ proxies: '127.0.0.1' });
  const from = (address: string) => ({ ...own, 'x-forwarded-for': address });
  for (let time = 0; time < 10; time++)
    expect((await logIn(app, makeKey('wrong').text, from('192.0.2.1'))).statusCode).toBe(401);
  const refused = await logIn(app, stand.text, from('192.0.2.1'));
  expect(refused.statusCode).toBe(429);
  expect(refused.json().code).toBe('ACCESS_LOGIN_LIMIT');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(200);
  expect((await logIn(app, stand.text, from('192.0.2.2'))).statusCode).toBe(200);
});

test('a login without a key in JSON is refused, and a long one is not read', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve();
  const send = (payload: string, type = 'application/json') =>
    app.inject({
      method: 'POST',
      url: '/session',
      payload,
      headers: { ...own, 'content-type': type },
    });
  expect((await send('{}')).statusCode).toBe(400);
  const number = await send('{"key":1}');
  expect([number.statusCode, number.json().detail]).toEqual([
    400,
    expect.stringContaining('key is 1, but must be'),
  ]);
  for (const wrong of ['{"kye":"a secret"}', '{"key":["a secret"]}', '"a secret"']) {
    const refused = await send(wrong);
    expect([refused.statusCode, refused.body.includes('a secret')], wrong).toEqual([400, false]);
  }
  expect((await send('key=x', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  expect((await send(JSON.stringify({ key: 'x'.repeat(5000) }))).statusCode).toBe(413);
});

test('a logout takes no body: a content type alone is ignored, and a body is refused before it is read', async () => {
  await writeKeys(repository.root, stand);
  const app = await serve();
  const types = ['multipart/form-data', 'application/json', 'image/jpeg', 'no type'];
  for (const type of types) {
    const headers = { ...own, 'content-type': type };
    const empty = await app.inject({ method: 'DELETE', url: '/session', headers });
    expect(empty.statusCode, type).toBe(204);
    const full = await app.inject({ method: 'DELETE', url: '/session', headers, payload: '{}' });
    expect(full.json(), type).toMatchObject({ status: 415, code: 'REQUEST_TYPE' });
  }
});
