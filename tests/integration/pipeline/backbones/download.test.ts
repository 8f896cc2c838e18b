import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Download,
  download,
  downloadLimits,
  withoutSecrets,
} from '../../../../pipeline/operations/backbones/download.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';

const file = new Uint8Array(300_000).map((_, at) => at % 251);

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server on this machine that gives an answer per path. @returns its address */
async function serve(answers: Readonly<Record<string, Answer>>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer) answer(response, request);
    else response.writeHead(404).end('nothing');
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const limits = { ...downloadLimits, mostBytes: 1024 ** 2, idleMs: 300, totalMs: 2000 };

function get(wanted: Download, signal = new AbortController().signal) {
  return download({ reporter: silentReporter, signal }, wanted, limits);
}

const whole: Answer = (response) => {
  response.writeHead(200, { 'content-length': file.length }).end(file);
};
const to =
  (location: string): Answer =>
  (response) => {
    response.writeHead(302, { location }).end();
  };
/** Sends bytes forever, a few at a time. */
const drip =
  (bytes: number, everyMs: number): Answer =>
  (response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(bytes, 1)), everyMs);
    response.on('close', () => clearInterval(timer));
  };

describe('a download', () => {
  test('gives the bytes, also by way of redirections', async () => {
    const base = await serve({ '/net.onnx': whole, '/there': to('/net.onnx'), '/a': to('/there') });
    const digest = digestBytes(file);
    expect(Buffer.compare(await get({ address: `${base}/net.onnx` }), file)).toBe(0);
    const redirected = await get({ address: `${base}/a`, digest, bytes: file.length });
    expect(digestBytes(redirected)).toBe(digest);
  });

  test.each<[string, Answer, string]>([
    ['a server that never answers', () => {}, 'no byte moved for 0.3 s'],
    [
      'one that stops in the middle',
      (response) => {
        response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 9));
      },
      'no byte moved for 0.3 s',
    ],
    ['one that drips', drip(1, 50), 'was not done within 2 s'],
    [
      'a connection that is cut',
      (response) => {
        response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 999));
        setTimeout(() => response.destroy(), 50);
      },
      'terminated|other side closed|aborted',
    ],
    ['a redirection in a circle', to('/net.onnx'), 'sent us elsewhere more than 5 times'],
    ['a redirection to a file', to('file:///etc/passwd'), 'file: is not https:'],
    ['a redirection to nowhere', to('http://'), 'is not an address'],
    [
      'a page of a proxy, as such',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('Log in');
      },
      'a web page, not a file',
    ],
    [
      'a page of a proxy, as bytes',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        response.end('\n<!DOCTYPE html><title>Log in</title>');
      },
      'a web page, not a file',
    ],
    [
      'a pointer of Git LFS',
      (response) => {
        response.end('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
      },
      'Git LFS',
    ],
    ['an error', (response) => response.writeHead(503).end('busy'), 'answered 503'],
  ])('ends in words: %s', async (_, answer, reason) => {
    const base = await serve({ '/net.onnx': answer });
    const refused = get({ address: `${base}/net.onnx` });
    await expect(refused).rejects.toMatchObject({
      code: 'BACKBONE_UNREACHABLE',
      message: expect.stringMatching(reason),
    });
  });

  test('takes no more bytes than there may be, whether they are announced or not', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 ** 2));
    const base = await serve({
      '/announced': (response) => {
        response.writeHead(200, { 'content-length': 5 * 1024 ** 3 });
        response.write('x');
      },
      '/endless': drip(400_000, 5),
      // Nobody asked for it compressed; undone it is larger than it may be.
      '/bomb': (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(bomb);
      },
    });
    for (const path of ['/announced', '/endless', '/bomb']) {
      await expect(get({ address: base + path }), path).rejects.toMatchObject({
        code: 'BACKBONE_UNSUPPORTED',
        message: expect.stringContaining('larger than 1 MiB'),
      });
      // Of a known size, one byte more is another file.
      await expect(get({ address: base + path, bytes: 99_999 }), path).rejects.toMatchObject({
        code: 'BACKBONE_OTHER',
      });
    }
  });

  test('that is not what it must be is not used', async () => {
    const base = await serve({ '/net.onnx': whole });
    const digest = digestBytes('another');
    await expect(get({ address: `${base}/net.onnx`, digest })).rejects.toMatchObject({
      code: 'BACKBONE_OTHER',
      details: { found: digestBytes(file), expected: digest },
    });
  });

  test('is interrupted at once', async () => {
    const base = await serve({ '/net.onnx': drip(1, 10) });
    const interrupt = new AbortController();
    const reason = new Error('interrupted');
    setTimeout(() => interrupt.abort(reason), 100);
    await expect(get({ address: `${base}/net.onnx` }, interrupt.signal)).rejects.toBe(reason);
  });

  test('needs a network, encryption or a digest, and no password', async () => {
    const [gone, wrong] = ['BACKBONE_UNREACHABLE', 'BACKBONE_ADDRESS_INVALID'];
    const refusals: [string, RegExp, string | undefined][] = [
      ['http://127.0.0.1:1/net.onnx', /its port belongs to another service/, gone],
      ['https://127.0.0.1:9/net.onnx', /its port belongs to another service/, gone],
      [
        'https://no-such-host.invalid/net.onnx',
        /no host of this name|cannot be looked up now/,
        gone,
      ],
      ['http://example.org/net.onnx', /not encrypted/, gone],
      ['https://jen:secret@example.org/net.onnx', /password/, wrong],
      ['ftp://example.org/net.onnx', /ftp: is not https:/, wrong],
      ['file:///etc/passwd', /file: is not https:/, wrong],
      ['https://', /not an address/, wrong],
      ['http://[::1', /not an address/, wrong],
    ];
    for (const [address, reason, code] of refusals) {
      const refused = await get({ address }).catch((error: unknown) => error);
      expect(refused, address).toMatchObject({ code });
      expect(String(refused), address).toMatch(reason);
      expect(String(refused), address).not.toContain('secret');
    }
    expect(withoutSecrets('https://jen:secret@example.org/net.onnx?token=secret#x')).toBe(
      'https://example.org/net.onnx',
    );
    expect(withoutSecrets('nets/a?b.onnx')).toBe('nets/a?b.onnx');
  });
});
