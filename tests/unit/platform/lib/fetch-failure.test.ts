import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { explainSystemError } from '../../../../platform/lib/explain-system-error.ts';
import { explainFetch, webAddress } from '../../../../platform/lib/fetch-failure.ts';
import { startSaying } from '../../../helpers/saying.ts';

/** @returns the address of a server that says this to everybody */
const answerWith = async (text: string) => `http://${(await startSaying(text)).host}/`;

async function failureOf(address: string, request: RequestInit = {}): Promise<Error> {
  const told = await fetch(address, request)
    .then((answer) => answer.text())
    .catch((error: unknown) => error);
  if (told instanceof Error) return told;
  throw new Error(`${address} answered`);
}

const redirect = (to: string) =>
  `HTTP/1.1 302 Found\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`;
const ok = (headers: string, body = '') => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`;

test.each([
  ['headers without end', ok(`x: ${'a'.repeat(40_000)}`), /headers are longer/],
  ['a redirect to itself', redirect('/'), /redirects without end/],
  ['a redirect to a file', redirect('file:///etc/passwd'), /none of the web/],
  ['a redirect to another protocol', redirect('ftp://127.0.0.1/'), /none of the web/],
  ['a redirect to no address', redirect('http://[::z'), /none of the web/],
  ['a redirect to the port of another service', redirect('http://127.0.0.1:1/'), /another service/],
  ['the greeting of SSH', 'SSH-2.0-x\r\n', /does not speak HTTP/],
  ['a length without digits', ok('content-length: abc'), /does not speak HTTP/],
  ['chunks without a size', ok('transfer-encoding: chunked', 'zz\r\n'), /does not speak HTTP/],
  ['gzip that is none', ok('content-encoding: gzip\r\ncontent-length: 3', 'abc'), /not compressed/],
])('%s has plain words, and is asked for once', async (_, text, reason) => {
  const failure = await failureOf(await answerWith(text));
  expect(explainFetch(failure)).toEqual({ reason: expect.stringMatching(reason), passes: false });
});

test('a connection that ends without an answer may do better the next time', async () => {
  const failure = await failureOf(await answerWith(''));
  const reason = 'the other side closed the connection';
  expect(explainFetch(failure)).toEqual({ reason, passes: true });
});

test('time that is up may be enough the next time', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((ready) => server.once('listening', ready));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const failure = await failureOf(url, { signal: AbortSignal.timeout(20) });
  expect(explainFetch(failure)).toEqual({ reason: 'there was no answer in time', passes: true });
});

test('of a host with several addresses the first failure counts', () => {
  const refused = (address: string) =>
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect', address });
  const all = Object.assign(new AggregateError([refused('::1'), refused('127.0.0.1')]), {
    code: 'ECONNREFUSED',
  });
  const failure = new TypeError('fetch failed', { cause: all });
  expect(explainFetch(failure)).toEqual({ reason: 'nothing answers there', passes: true });
  expect(explainSystemError(failure)).toMatchObject({
    code: 'NETWORK_FAILED',
    message: 'Cannot reach ::1: nothing answers there.',
  });
});

test('what fetch says in words of its own is a network that cannot be reached, not a fault', async () => {
  const failure = await failureOf(await answerWith('SSH-2.0-x\r\n'));
  expect(explainSystemError(failure)).toMatchObject({
    code: 'NETWORK_FAILED',
    message: expect.stringContaining('does not speak HTTP'),
  });
});

test('an error of another kind keeps its own words', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const strange = Object.assign(new Error(name), { code: name });
    expect(explainFetch(strange)).toEqual({ reason: name, passes: true });
  }
  const error = new Error('The answer is none', { cause: new Error('inside') });
  expect(explainFetch(error)).toEqual({ reason: 'The answer is none', passes: true });
  expect(explainFetch('thrown text').reason).toBe('thrown text');
});

test.each(['file:///etc/passwd', 'ftp://host/x', 'http://[::z', 'javascript:1'])(
  'another server may not send on to %s',
  (address) => {
    expect(() => webAddress(address, new URL('http://host/'), 'it goes on')).toThrow(
      'it goes on at an address that is none of the web',
    );
  },
);

test('another server may send on to a path of its own', () => {
  expect(webAddress('/token', new URL('https://host/v2/'), '').href).toBe('https://host/token');
});
