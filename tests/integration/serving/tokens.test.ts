import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { promisify } from 'node:util';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { createTokenCheck } from '../../../serving/access/tokens.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { bearer } from '../../helpers/access-keys.ts';
import { valueIn } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';

const issuer = 'https://town.example';
const audience = 'mainstem';
let repository: ModelRepository;
let serving: ServingApp;
let jwksServer: Server;
let address: string;
/** What the issuer's server answers, and how often it was asked. */
const published: {
  keys: JWK[];
  status: number;
  asked: number;
  padding: number;
  ready: Promise<void>;
} = {
  /** When it answers. */
  ready: Promise.resolve(),
  keys: [],
  status: 200,
  asked: 0,
  /** Bytes that the answer has beside the keys. */
  padding: 0,
};
const pairs = new Map<string, CryptoKey>();

async function publish(alg: string): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `${alg}-${pairs.size}`;
  pairs.set(alg, privateKey);
  published.keys.push({ ...(await exportJWK(publicKey)), kid, alg });
}

beforeAll(async () => {
  repository = await createModelRepository(gourds);
  for (const alg of ['RS256', 'ES256', 'EdDSA', 'RS512']) await publish(alg);
  jwksServer = createServer(async (_, response) => {
    published.asked += 1;
    await published.ready;
    response.writeHead(published.status, { 'content-type': 'application/json' });
    const blanks = Buffer.alloc(published.padding, ' ');
    response.write(JSON.stringify({ keys: published.keys }));
    response.end(blanks);
  }).listen(0, '127.0.0.1');
  await once(jwksServer, 'listening');
  const found = jwksServer.address();
  address = `http://127.0.0.1:${typeof found === 'object' ? found?.port : 0}/keys`;
});
beforeEach(async () => {
  await serving?.app.close();
  serving = await start();
  Object.assign(published, { status: 200, asked: 0, padding: 0 });
});
afterAll(async () => {
  await serving.app.close();
  jwksServer.close();
  await repository.remove();
});

function start(settings = {}) {
  const tokens = { jwtIssuer: issuer, jwtAudience: audience, jwks: address };
  return serveModels(repository.root, { ...tokens, ...settings });
}

const seconds = () => Math.floor(Date.now() / 1000);
const kidOf = (alg: string) => published.keys.find((key) => key.alg === alg)?.kid ?? '';

function sign(
  claims: Record<string, unknown>,
  alg = 'RS256',
  header: Record<string, unknown> = {},
) {
  const key = pairs.get(alg);
  if (!key) throw new Error(`no key for ${alg}`);
  const all = { iss: issuer, aud: audience, exp: seconds() + 60, scope: 'predict', ...claims };
  return new SignJWT(all).setProtectedHeader({ alg, kid: kidOf(alg), ...header }).sign(key);
}

const ask = (token: string, url = '/models') => serving.app.inject({ url, headers: bearer(token) });
const status = async (token: string, url?: string) => (await ask(token, url)).statusCode;

test.each(['RS256', 'ES256', 'EdDSA'])('a token signed with %s is accepted', async (alg) => {
  expect(await status(await sign({}, alg))).toBe(200);
});

test('the scopes are those of its claim, and others are left aside', async () => {
  const both = await sign({ scope: 'openid feedback metrics' });
  expect([await status(both, '/version'), await status(both)]).toEqual([200, 403]);
  const list = await sign({ scope: undefined, scp: ['predict'] });
  expect([await status(list, '/version'), await status(list)]).toEqual([403, 200]);
  expect(await status(await sign({ scope: '' }))).toBe(403);
  expect(await status(await sign({ scope: 'admin' }), '/version')).toBe(200);
});

test.each<[string, Record<string, unknown>]>([
  ['of another issuer', { iss: 'https://evil.example' }],
  ['for another audience', { aud: 'another' }],
  ['for nobody', { aud: undefined }],
  ['that has expired', { exp: seconds() - 60 }],
  ['that never expires', { exp: undefined }],
  ['that is not valid yet', { nbf: seconds() + 600 }],
])('a token %s is refused', async (_, claims) => {
  const answer = await ask(await sign(claims));
  expect(answer.statusCode).toBe(401);
  expect(answer.json().code).toBe('ACCESS_TOKEN_INVALID');
  expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
});

test('clocks may differ by a few seconds', async () => {
  expect(await status(await sign({ exp: seconds() - 2 }))).toBe(200);
  expect(await status(await sign({ nbf: seconds() + 3 }))).toBe(200);
});

test('no token chooses how it is checked', async () => {
  const claims = { iss: issuer, aud: audience, exp: seconds() + 60, scope: 'admin' };
  expect(await status(new UnsecuredJWT(claims).encode())).toBe(401);
  expect(await status(await sign({}, 'RS512'))).toBe(401);
  const shared = new TextEncoder().encode(JSON.stringify(published.keys[0]));
  const hmac = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: kidOf('RS256') });
  expect(await status(await hmac.sign(shared))).toBe(401);
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const before = published.asked;
  const own = new SignJWT(claims).setProtectedHeader({
    alg: 'ES256',
    ...{ jwk, jku: address, kid: 'mine' },
  });
  expect(await status(await own.sign(privateKey))).toBe(401);
  expect(published.asked - before).toBeLessThanOrEqual(1);
  const [head, , signature] = (await sign({})).split('.');
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  expect(await status(`${head}.${body}.${signature}`)).toBe(401);
});

test('the issuer is asked once, not for every token, however many name keys that it has not', async () => {
  for (let time = 0; time < 20; time++) await status(await sign({}));
  expect(published.asked).toBe(1);
  for (let time = 0; time < 20; time++)
    expect(await status(await sign({}, 'RS256', { kid: `unknown-${time}` }))).toBe(401);
  expect(published.asked).toBe(1);
});

test('while the issuer cannot be asked, tokens are answered with 503', async () => {
  published.status = 500;
  for (let time = 0; time < 20; time++) {
    const answer = await ask(await sign({}));
    expect(answer.statusCode).toBe(503);
    expect(answer.json().code).toBe('ACCESS_ISSUER_UNREACHABLE');
    expect(answer.headers['retry-after']).toBe('1');
  }
  expect(published.asked).toBe(1);
});

test('keys are read up to a size, beyond which the issuer cannot be asked', async () => {
  published.padding = 100_000;
  expect((await ask(await sign({}))).statusCode).toBe(200);
  await serving.app.close();
  serving = await start();
  published.padding = 50_000_000;
  const answer = await ask(await sign({}));
  expect(answer.statusCode).toBe(503);
  expect(answer.json().code).toBe('ACCESS_ISSUER_UNREACHABLE');
});

test('an issuer that could not be asked is asked again after five seconds, however many tokens come', async () => {
  let time = 0;
  const check = createTokenCheck({ issuer, audience, jwks: address }, () => time);
  published.status = 500;
  for (time = 0; time < 12_000; time += 500)
    await expect(check(await sign({}))).rejects.toMatchObject({
      code: 'ACCESS_ISSUER_UNREACHABLE',
    });
  expect(published.asked).toBe(3);
  published.status = 200;
  time += 5000;
  expect((await check(await sign({}))).scopes.has('predict')).toBe(true);
});

test('a token by a key of the issuer that is too short is refused, and no reason to doubt the issuer', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  published.keys.push({ ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: issuer, aud: audience, exp: seconds() + 60, scope: 'predict' };
  const text = `${part({ alg: 'RS256', kid: 'short' })}.${part(claims)}`;
  const signature = signBytes('sha256', Buffer.from(text), privateKey).toString('base64url');
  expect(await status(`${text}.${signature}`)).toBe(401);
  expect(await status(await sign({}))).toBe(200);
});

test('a client that leaves while its token is checked keeps neither a place nor a version', async () => {
  await serving.app.close();
  serving = await start({ queue: 1 });
  const url = await serving.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await sign({ scope: 'predict metrics' });
  const headers = { ...bearer(token), 'content-type': 'application/json' };
  const body = '{"weight":9}';
  const { promise, resolve } = Promise.withResolvers<void>();
  published.ready = promise;
  const leaving = request(`${url}/predict`, { method: 'POST', headers }).on('error', () => {});
  leaving.end(body);
  await expect.poll(() => published.asked).toBe(1);
  leaving.destroy();
  const connections = promisify(serving.app.server.getConnections.bind(serving.app.server));
  await expect.poll(() => connections()).toBe(0);
  const inFlight = async () => {
    const { body } = await serving.app.inject({ url: '/metrics', headers: bearer(token) });
    return valueIn(body, metrics.requestsInFlight.name);
  };
  resolve();
  // The question itself is in flight.
  await expect.poll(inFlight).toBe(1);
  const answer = await fetch(`${url}/predict`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
});
