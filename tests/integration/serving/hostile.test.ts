import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import type { ServingApp } from '../../../serving/app.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoClaiming, photoOf } from '../../helpers/photos.ts';
import { open, talk } from '../../helpers/raw-http.ts';
import { serveModels } from '../../helpers/serve-models.ts';

let repository: ModelRepository;
let serving: ServingApp;
let url: string;
let photo: Buffer<ArrayBuffer>;

beforeAll(async () => {
  repository = await createModelRepository(gourds, pumpkins);
  serving = await serveModels(repository.root, {
    ...{ model: 'pumpkins', queue: 4, files: 4, values: 100_000 },
    ...{ pixels: 1_000_000, pixelsInFlight: 4_000_000, bodyBytes: 2_000_000 },
  });
  url = await serving.app.listen({ port: 0, host: '127.0.0.1' });
  photo = await photoOf('good');
});
afterAll(async () => {
  await serving.app.close();
  await repository.remove();
});

const post = (path: string, body: BodyInit, type?: string, headers: HeadersInit = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { ...(type ? { 'content-type': type } : {}), ...headers },
  });
const gauge = async (name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};
const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#ff8c1a' } });

test('columns may be called like what every object has', async () => {
  const odd = { ...gourds, model: 'odd' };
  const names = ['__proto__', 'constructor'] as const;
  if (odd.preprocessing.kind !== 'table') throw new Error('gourds are a table');
  const columns = odd.preprocessing.columns.map((column, index) => ({
    ...column,
    name: names[index] ?? '',
  }));
  const there = await createModelRepository({
    ...odd,
    preprocessing: { ...odd.preprocessing, columns },
  });
  const { app } = await serveModels(there.root);
  const ask = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/json', host: 'localhost' };
    return app.inject({ method: 'POST', url: path, headers, body });
  };
  const answer = async (row: string) => (await ask('/predict', row)).json().results[0].class;
  expect(await answer('{"__proto__":99,"constructor":"green"}')).toBe('big');
  expect(await answer('{"__proto__":-99,"constructor":"green"}')).toBe('small');
  expect(await answer('{"__proto__":99}')).toBe('big');
  expect(await answer('{"constructor":"green"}')).toMatch(/big|small/);
  const correction = '{"label":"small","row":{"__proto__":99,"constructor":"green"}}';
  expect((await ask('/feedback', correction)).statusCode).toBe(201);
  await app.close();
  await there.remove();
});

/** Every answer to a fault: problem details, or the error object of the protocol, with the security headers. */
function expectProblem(
  {
    status,
    headers,
    body,
  }: { status: number; headers: Headers | Record<string, string>; body: string },
  expected: { status: number; code?: string; path?: string },
) {
  const header = (name: string) => (headers instanceof Headers ? headers.get(name) : headers[name]);
  expect(status).toBe(expected.status);
  for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy']) {
    expect(header(name), name).toBeTruthy();
  }
  if (expected.path?.startsWith('/v2')) {
    expect(Object.keys(JSON.parse(body))).toEqual(['error']);
    expect(header('content-type')).toContain('application/json');
  } else {
    expect(header('content-type')).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code: expected.code ?? 'REQUEST_INVALID' });
  }
  if (status === 503) expect(header('retry-after')).toBe('1');
}

describe('what HTTP itself refuses is answered like everything else', () => {
  const long = 'x'.repeat(20_000);
  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['a space in the path', 'GET / HTTP/1.1 x\r\nhost: localhost\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['an unknown method', 'SMELT / HTTP/1.1\r\nhost: localhost\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    [
      'a length and chunks',
      'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    [
      'long headers',
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${long}\r\n\r\n`,
      431,
      'REQUEST_HEADERS',
    ],
    [
      'an unknown expectation',
      'GET / HTTP/1.1\r\nhost: localhost\r\nexpect: a miracle\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    [
      'two hosts',
      'GET /healthz HTTP/1.1\r\nhost: localhost\r\nHost: evil.example\r\nconnection: close\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    ['a tunnel', 'CONNECT localhost:80 HTTP/1.1\r\nhost: localhost\r\n\r\n', 405, 'REQUEST_METHOD'],
  ])('%s', async (_, text, status, code) => {
    expectProblem(await talk(url, text), { status, code });
  });

  test.each([
    ['SMELT / HTTP/1.1\r\nhost: localhost\r\n\r\n', 'it does not begin with a method of HTTP'],
    ['\x16\x03\x01\x02\x00\x01', 'use http://'],
    ['GET / HTTP/1.1\r\nhost localhost\r\n\r\n', 'is not \\"name: value\\"'],
    ['GET /a b HTTP/1.1\r\nhost: localhost\r\n\r\n', 'its first line is not'],
    ['CONNECT localhost:80 HTTP/1.1\r\nhost: localhost\r\n\r\n', 'no CONNECT localhost:80, only'],
  ])('what is wrong with %j is said', async (text, words) => {
    const socket = await open(url);
    socket.write(text);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain(words);
    socket.destroy();
  });

  const lineEnd = 'does not end in CR and LF';
  test.each([
    ['GET /version HTTP/1.1\nHost: localhost\n\n', 'does not end in \\"HTTP/1.1\\", CR and LF'],
    ['GET /version HTTP/1.1\r\nHost: localhost\n\n', lineEnd],
    ['GET /version HTTP/1.1\r\nHost: localhost\r\n\n', 'or does not end in CR and LF'],
    ['GET /version HTTP/1.1\r\nHost: localhost\r\r\n\r\n', lineEnd],
    ['GET /version HTTP/1.1\r\n Host: localhost\r\n\r\n', 'begins with a space'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'it is HTTP/2'],
    ['GET /version HTTP/1.2\r\n\r\n', 'it is not HTTP/1.1'],
  ])('what is said of %j is true', async (text, words) => {
    const { status, text: body } = await talkPlainly(text);
    expect(status).toBe(400);
    expect(body).toContain(words);
  });

  const talkPlainly = async (text: string) => {
    const all = await exchange(text);
    return { status: Number(all.slice(9, 12)), text: all };
  };

  /** All that is answered until the connection ends. */
  const exchange = async (...parts: (string | Buffer)[]): Promise<string> => {
    const socket = await open(url);
    let all = '';
    socket.on('data', (data) => {
      all += String(data);
    });
    for (const part of parts) socket.write(part);
    await once(socket, 'close');
    return all;
  };
  const statusesOf = (text: string) =>
    [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => code);
  const version = 'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const head = (rest: string) =>
    `POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\n${rest}\r\n\r\n`;
  const brokenChunk = `${head('transfer-encoding: chunked')}zz\r\n`;

  test.each([
    ['one', version, 'GARBAGE\r\n\r\n', ['200', '400']],
    ['several', version + version + version, 'GARBAGE\r\n\r\n', ['200', '200', '200', '400']],
    ['some', version + version, brokenChunk, ['200', '200', '400']],
    ['none', '', brokenChunk, ['400']],
  ])(
    'what comes whole before what is broken gets its own answer first: %s',
    async (_, whole, broken, codes) => {
      expect(statusesOf(await exchange(whole + broken))).toEqual(codes);
      expect(statusesOf(await exchange(whole, broken, broken))).toEqual(codes);
    },
  );

  test('a prediction before what is broken is computed, counted and answered', async () => {
    const answer = await exchange(
      head(`content-length: ${photo.length}`),
      photo,
      'GARBAGE\r\n\r\n',
    );
    expect(statusesOf(answer)).toEqual(['200', '400']);
    expect(answer.indexOf('"results"')).toBeLessThan(answer.indexOf('REQUEST_INVALID'));
  });

  test('what follows a request that was to be the last is not answered', async () => {
    const last = 'GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    expect(statusesOf(await exchange(last + version))).toEqual(['200']);
  });

  test.each([
    ['http://evil.example/version', 'localhost', '421'],
    ['HTTP://evil.example', 'localhost', '421'],
    ['http://jen@evil.example/version', 'localhost', '421'],
    ['http://localhost@evil.example/version', 'localhost', '421'],
    ['http://[bad/version', 'localhost', '421'],
    ['http:///version', 'localhost', '400'],
    ['http://localhost/version', 'evil.example', '200'],
    ['http://localhost:1/version?x', 'localhost', '200'],
    ['https://127.0.0.1/v2/models/none', 'localhost', '404'],
    ['ftp://localhost/version', 'localhost', '404'],
  ])('the host of %s counts, not Host: %s', async (target, host, code) => {
    const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect(statusesOf(await exchange(text))).toEqual([code]);
  });

  test('an absolute target is the same request as its path, without which a header Host is missing', async () => {
    const ask = (target: string, host = 'Host: localhost\r\n') =>
      exchange(`GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    const bodyOf = (text: string) => text.split('\r\n\r\n')[1];
    expect(bodyOf(await ask('http://localhost/v2/models/none'))).toBe(
      bodyOf(await ask('/v2/models/none')),
    );
    expect(bodyOf(await ask('http://localhost?x=1'))).toBe(bodyOf(await ask('/?x=1')));
    expect(await ask('http://localhost/version', '')).toContain('it has no Host header');
  });

  test('a problem repeats no key that stood in its request', async () => {
    const key = `mainstem_${'a1'.repeat(24)}Z`;
    for (const path of [
      `/x?access_token=${key}`,
      `/${key}`,
      `/models/${key}/predict`,
      `/v2/models/${key}`,
    ]) {
      const answer = await exchange(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40/);
      expect(answer).not.toContain(key.slice(9, 30));
    }
  });

  const json =
    'POST /v2/models/pumpkins/infer HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json';
  test.each([
    [
      `${json}\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      'its Transfer-Encoding',
    ],
    [`${json}; charset=utf-16\r\ncontent-length: 2\r\n\r\n{}`, 'its charset is utf-16'],
    [`${json}; Charset="latin1"\r\ncontent-length: 2\r\n\r\n{}`, 'its charset is latin1'],
    [
      `${json}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n`,
      'stands behind its body',
    ],
  ])('a body that would be read as another than was meant: %j', async (text, words) => {
    const socket = await open(url);
    socket.write(text);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 /);
    expect(String(answer)).toContain(words);
    socket.destroy();
  });

  test.each(['utf-8', '"UTF8"'])('JSON that says that it is %s is read', async (charset) => {
    const socket = await open(url);
    socket.write(`${json}; charset=${charset}\r\ncontent-length: 1\r\n\r\n{`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).not.toContain('charset is');
    socket.destroy();
  });

  test('a body that ends before its length', async () => {
    const socket = await open(url);
    socket.end(
      'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\ncontent-length: 9\r\n\r\nx',
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('it ends before its body does');
  });

  test.each(['/%zz', '/v2/%zz', '/v2/models/%'])('a bad address: %s', async (path) => {
    const response = await talk(
      url,
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    expectProblem(response, { status: 400, path });
  });

  test('a name of a model that is longer than any', async () => {
    const path = `/models/${'x'.repeat(300)}/predict`;
    const response = await post(path, photo, 'image/jpeg');
    const body = await response.text();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(body.length).toBeLessThan(2000);
  });

  test('another host than the server’s own', async () => {
    const request = (host: string) =>
      talk(url, `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    expectProblem(await request('evil.example'), { status: 421, code: 'REQUEST_HOST' });
    expect((await request('localhost:1234')).status).toBe(200);
  });
});

describe('a method that a path does not have is 405 with those that it has', () => {
  test.each([
    ['GET', '/predict', 'POST'],
    ['PUT', '/models/gourds/predict', 'POST'],
    ['DELETE', '/models', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PATCH', '/v2/models/gourds/infer', 'POST'],
    ['OPTIONS', '/v2/health/live/', 'GET, HEAD'],
    ['PROPFIND', '/predict?x=1', 'POST'],
  ])('%s %s', async (method, path, allow) => {
    const response = await fetch(`${url}${path}`, { method });
    expect(response.headers.get('allow')).toBe(allow);
    const { status, headers } = response;
    const body = await response.text();
    expectProblem({ status, headers, body }, { status: 405, code: 'REQUEST_METHOD', path });
  });

  test('a path that does not exist is 404 whatever the method, and its body is not read', async () => {
    for (const path of ['/nothing', '/v2/nothing', '/models/gourds/nothing']) {
      const response = await post(path, Buffer.alloc(5_000_000), 'application/json');
      const { status, headers } = response;
      const body = await response.text();
      expectProblem({ status, headers, body }, { status: 404, code: 'ROUTE_UNKNOWN', path });
    }
  });
});

describe('bodies', () => {
  test.each([
    ['rows for photos', '/predict', '{}', 'application/json', 415, 'REQUEST_TYPE', 'takes photos'],
    ['a photo for rows', '/models/gourds/predict', 'x', 'image/png', 415, 'REQUEST_TYPE', 'rows'],
    ['no type', '/predict', Buffer.from('x'), undefined, 415, 'REQUEST_TYPE', 'content type'],
    ['a strange type', '/predict', 'x', 'text/plain; a=b', 415, 'REQUEST_TYPE', 'text/plain'],
    ['an impossible type', '/predict', 'x', '//', 415, 'REQUEST_TYPE', '//'],
    [
      'not UTF-8',
      '/models/gourds/predict',
      Buffer.from('"\xe9"', 'latin1'),
      'application/json',
      400,
      'REQUEST_INVALID',
      'UTF-8',
    ],
    [
      'a form without boundary',
      '/predict',
      'x',
      'multipart/form-data',
      400,
      'REQUEST_INVALID',
      'no boundary',
    ],
    [
      'a form cut short',
      '/predict',
      '--b\r\nconte',
      'multipart/form-data; boundary=b',
      400,
      'REQUEST_INVALID',
      'cut off',
    ],
    [
      'deep JSON',
      '/models/gourds/predict',
      '['.repeat(60_000),
      'application/json',
      400,
      'REQUEST_INVALID',
      'nested',
    ],
    [
      'a poisoned row',
      '/models/gourds/predict',
      '{"__proto__":{"a":1}}',
      'application/json',
      400,
      'REQUEST_INVALID',
      '',
    ],
  ])('%s', async (_, path, body, type, status, code, words) => {
    const response = await post(path, body, type);
    const text = await response.text();
    expectProblem(
      { status: response.status, headers: response.headers, body: text },
      { status, code },
    );
    expect(text).toContain(words);
  });

  const gourd = '/models/gourds/predict';
  const tensor = '/v2/models/gourds/infer';
  test.each([
    [gourd, '{"weight":1,"weight":99}', 'the key \\"weight\\" twice (line 1)'],
    [gourd, '[{"weight":1},\n{"weight":1,\n"\\u0077eight":2}]', 'twice (lines 2 and 3)'],
    ['/models/gourds/feedback', '{"label":"big","label":"small","row":{"weight":1}}', 'twice'],
    ['/models/gourds/feedback', '{"label":"big","row":{"weight":1,"weight":2}}', 'twice'],
    [tensor, '{"inputs":[],"inputs":[]}', 'twice'],
    [gourd, '{"__proto__":1}', '__proto__'],
    [gourd, '[{"constructor":{"prototype":1}}]', 'row 1, column \\"constructor\\" is a list'],
    [gourd, '{"weight":[1]}', 'row 1, column \\"weight\\" is a list'],
    [gourd, '[{"weight":1},{"weight":1e400}]', 'row 2, column \\"weight\\" is too large'],
    [gourd, `{"weight":-${'9'.repeat(3000)}}`, 'row 1, column \\"weight\\" is too large'],
    [gourd, '', 'the body is empty: send JSON'],
    [tensor, ' ', 'the body is empty: send JSON'],
  ])('%s %s is refused, and what is wrong is named', async (path, body, words) => {
    const response = await post(path, body, 'application/json');
    const text = await response.text();
    expect([400, 422]).toContain(response.status);
    expect(text).toContain(words);
    expect(text).not.toMatch(/content-type|Body/);
  });

  test('JSON may begin with a byte order mark, and one key may stand in two objects', async () => {
    const rows = '\ufeff[{"weight":1,"colour":"orange"},{"weight":1,"colour":"green"}]';
    expect((await post(gourd, rows, 'application/json')).status).toBe(200);
  });

  test('a form with two fields of one name is refused, with two files of one name it is not', async () => {
    const form = new FormData();
    form.append('label', 'good');
    form.append('file', new Blob([photo]), 'a.jpg');
    form.append('label', 'bad');
    const refused = await fetch(`${url}/feedback`, { method: 'POST', body: form });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('the field \\"label\\" twice');
    form.delete('label');
    form.append('label', 'good');
    for (const note of ['a', 'b']) form.append('note', note);
    const taken = await fetch(`${url}/feedback`, { method: 'POST', body: form });
    expect(taken.status).toBe(201);
    const two = new FormData();
    for (const name of ['a.jpg', 'b.jpg']) two.append('file', new Blob([photo]), name);
    expect((await fetch(`${url}/predict`, { method: 'POST', body: two })).status).toBe(200);
  });

  test.each([
    ['/%', 'its path is not valid'],
    ['/models/%zz/predict', 'its path is not valid'],
    ['/models/%ff', 'its path is not valid: % must be followed by two digits of a byte, and'],
    ['/v2/models/%c3%28', 'the bytes must be UTF-8'],
    [`/v2/models/${'a'.repeat(101)}`, 'There is no model'],
    [`/v2/models/${'a'.repeat(3000)}`, 'There is no model'],
    [`/models/${'a'.repeat(3000)}/predict`, ''],
    ['/docs/static/x\\..\\y', ''],
  ])('what is wrong with the path %s is said in our words', async (path, words) => {
    const { status, body } = await talk(
      url,
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    expect([400, 404, 405]).toContain(status);
    expect(body).toContain(words);
    expect(body).not.toMatch(/url component|Forbidden|param length/);
  });

  test('a compressed body is refused with the reason', async () => {
    const zipped = { 'content-encoding': 'gzip' };
    const response = await post('/predict', gzipSync(photo), 'image/jpeg', zipped);
    expect(response.status).toBe(415);
    expect(response.headers.get('accept-encoding')).toBe('identity');
    expect(await response.json()).toMatchObject({ code: 'REQUEST_ENCODING' });
  });

  test('under /v2 a body without a type is JSON', async () => {
    const inputs = [{ name: 'input', datatype: 'INT64', shape: [1, 3], data: [[9, 1, 0]] }];
    const body = Buffer.from(JSON.stringify({ inputs }));
    const response = await post('/v2/models/gourds/infer', body);
    expect(response.status).toBe(200);
  });

  const numbers = `[${'1,'.repeat(900_000)}1]`;
  test.each([
    ['/models/gourds/predict', numbers, 413],
    ['/models/gourds/predict', `[${'{},'.repeat(30_000)}{}]`, 413],
    ['/models/gourds/feedback', `{"label":"big","row":${numbers}}`, 413],
    ['/v2/models/gourds/infer', `{"inputs":[{"data":${numbers}}]}`, 413],
    ['/v2/models/pumpkins/infer', `{"inputs":[{"data":${numbers}}]}`, 413],
    ['/v2/models/pumpkins/infer', `{"inputs":${'['.repeat(900_000)}`, 400],
    [
      '/v2/models/gourds/infer',
      `{"inputs":[{"name":"input","shape":[1,3],"datatype":"FP32","data":[{}]}]}`,
      400,
    ],
  ])('%s: more JSON than the model takes is refused at once', async (path, body, status) => {
    const began = performance.now();
    const response = await post(path, body, 'application/json');
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('SERVING_FAILED');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('chunks without a declared length are counted, too', async () => {
    const chunk = Buffer.alloc(50_000, '1,');
    const stream = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 40; count++) controller.enqueue(chunk);
        controller.close();
      },
    });
    const request = {
      ...{ method: 'POST', body: stream, duplex: 'half' },
      headers: { 'content-type': 'application/json' },
    };
    const response = await fetch(`${url}/models/gourds/predict`, request as RequestInit);
    expect(response.status).toBe(413);
    await response.body?.cancel();
  });

  test('with Expect: 100-continue a refused body is never sent', async () => {
    const head = (type: string, length: number) =>
      `POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n`;
    expect((await talk(url, head('image/jpeg', 90_000_000))).status).toBe(413);
    expect((await talk(url, head('image/jpeg', photo.length), photo)).status).toBe(100);
  });
});

describe('pictures', () => {
  test.each([
    ['png', async () => flat(1001, 1000).png()],
    ['webp', async () => flat(1001, 1000).webp()],
    ['progressive jpeg', async () => flat(1001, 1000).jpeg({ progressive: true })],
    ['jpeg', async () => flat(2001, 2000).jpeg()],
  ])('a %s with more pixels than the limit is refused before it is decoded', async (_, draw) => {
    const bytes = await (await draw()).toBuffer();
    const response = await post('/predict', Buffer.from(bytes), 'image/jpeg');
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'IMAGE_TOO_LARGE', file: 0 });
  });

  test('a JPEG that shrinks while it is decoded may have four times the pixels', async () => {
    const bytes = Buffer.from(await flat(2000, 2000).jpeg().toBuffer());
    expect((await post('/predict', bytes, 'image/jpeg')).status).toBe(200);
  });

  test.each(['avif', 'gif', 'tiff'] as const)(
    'a picture that is really %s is not decoded, and called so',
    async (format) => {
      const bytes = Buffer.from(await flat(40, 40).toFormat(format).toBuffer());
      const response = await post('/predict', bytes, 'image/jpeg');
      expect(response.status).toBe(422);
      expect((await response.json()).detail).toBe(
        `Cannot read the picture: it is ${format.toUpperCase()}, not JPEG, PNG or WebP.`,
      );
    },
  );

  test('a picture from a phone that sends HEIC is called so', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    expect((await (await post('/predict', heic, 'image/jpeg')).json()).detail).toContain('HEIC');
  });

  test('pixels of one request are added up', async () => {
    const form = new FormData();
    const bytes = Buffer.from(await flat(600, 400).png({ progressive: true }).toBuffer());
    for (let file = 0; file < 4; file++) form.append('file', new Blob([bytes]), 'a.png');
    expect((await post('/predict', form)).status).toBe(200);
    form.append('file', new Blob([bytes]), 'a.png');
    expect((await (await post('/predict', form)).json()).code).toBe('REQUEST_TOO_MANY');
    const large = Buffer.from(await flat(900, 1000).png({ progressive: true }).toBuffer());
    const two = new FormData();
    for (let file = 0; file < 2; file++) two.append('file', new Blob([large]), 'a.png');
    const response = await (await post('/predict', two)).json();
    expect(response).toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    expect(response.detail).toContain('the request');
  });

  test('the words of the decoder are not shown', async () => {
    const line = Buffer.from(await flat(1, 100_000).png().toBuffer());
    const thin = await (await post('/predict', line, 'image/png')).json();
    expect(thin).toMatchObject({ status: 422, code: 'IMAGE_LINE' });
    expect(thin.detail).toContain('1 × 100000 pixels');
    const claiming = Buffer.from(await photoClaiming(900, 900));
    const damaged = await (await post('/predict', claiming, 'image/png')).json();
    expect(damaged).toMatchObject({ status: 422, file: 0 });
    expect(damaged.detail).toBe('Cannot read the picture: it is damaged or incomplete.');
  });
});

describe('more than the server can hold', () => {
  const head = (length: number) =>
    `POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: ${length}\r\n\r\n`;

  test('is refused at once, before the body is read; health checks are answered', async () => {
    const holders = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = await open(url);
        socket.write(head(photo.length));
        return socket;
      }),
    );
    await delay(100);
    for (const path of ['/predict', '/v2/models/gourds/infer', '/models/gourds/feedback']) {
      const began = performance.now();
      const response = await post(path, photo, 'image/jpeg');
      const body = await response.text();
      const { status, headers } = response;
      expectProblem({ status, headers, body }, { status: 503, code: 'SERVING_BUSY', path });
      expect(performance.now() - began).toBeLessThan(500);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    for (const socket of holders) socket.write(photo);
    await Promise.all(holders.map((socket) => once(socket, 'data')));
    for (const socket of holders) socket.destroy();
    expect((await post('/predict', photo, 'image/jpeg')).status).toBe(200);
  });

  test('those that send slowly on purpose give way after two seconds', async () => {
    const holders = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = await open(url);
        socket.write(head(photo.length));
        return socket;
      }),
    );
    const answer = once(holders[0] ?? expect.unreachable(), 'data');
    await delay(2200);
    expect((await post('/predict', photo, 'image/jpeg')).status).toBe(200);
    expect(String((await answer)[0])).toContain('503');
    for (const socket of holders) socket.destroy();
    await delay(100);
  });
});

describe('clients that leave', () => {
  const counted = (code: number) =>
    gauge(`${metrics.requests.name}{method="POST",route="/predict",code="${code}"`);
  const counts = async () => ({
    answered: await counted(200),
    gone: await counted(499),
    predicted: await gauge(`${metrics.predictions.name}{`),
  });

  test('are counted as 499, their work is not done, and nothing is left in flight', async () => {
    const before = await counts();
    const bytes = await flat(1000, 1000).png().toBuffer();
    const leavers = await Promise.all([0, 1, 2, 3].map(() => open(url)));
    leavers.forEach((socket, index) => {
      socket.write(head(bytes.length));
      socket.write(bytes.subarray(0, index === 0 ? 50 : bytes.length));
    });
    await delay(20);
    for (const socket of leavers) socket.destroy();
    await delay(1500);
    const after = await counts();
    expect(after.gone - before.gone).toBeGreaterThanOrEqual(1);
    expect(after.predicted - before.predicted).toBe(after.answered - before.answered);
    expect(await gauge(metrics.requestsInFlight.name)).toBe(1);
  });

  test('differ from those that close their sending side and wait: these are answered', async () => {
    const before = await counts();
    const bytes = await flat(1000, 1000).png().toBuffer();
    for (const version of ['1.1', '1.0']) {
      const socket = await open(url);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.write(head(bytes.length).replace('HTTP/1.1', `HTTP/${version}`));
      socket.end(bytes);
      await once(socket, 'close');
      const answer = Buffer.concat(chunks).toString('latin1');
      expect(answer, version).toContain(' 200 OK\r\n');
      expect(answer, version).toContain('"results":[');
      // An interim answer is of HTTP/1.1, and older clients take it for the answer.
      if (version === '1.0') expect(answer).not.toContain(' 100 ');
    }
    const after = await counts();
    expect([after.answered - before.answered, after.gone - before.gone]).toEqual([2, 0]);
  });

  test('with half of a body hear that it ends too early', async () => {
    const socket = await open(url);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(head(100));
    socket.end('half');
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString('latin1')).toMatch(/^HTTP\/1\.1 400 .*it ends before/s);
  });

  test('with pipelined requests, too', async () => {
    const request = Buffer.concat([Buffer.from(head(photo.length)), photo]);
    const socket = await open(url);
    for (let count = 0; count < 6; count++) socket.write(request);
    await delay(5);
    socket.destroy();
    await delay(500);
    expect(await gauge(metrics.requestsInFlight.name)).toBe(1);
    expect((await post('/predict', photo, 'image/jpeg')).status).toBe(200);
  });

  const head = (length: number) =>
    `POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: ${length}\r\n\r\n`;
});
