import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from 'vitest';
import { createOciRemote } from '../../../../../platform/storage/remotes/oci-remote.ts';
import type { Remote } from '../../../../../platform/storage/remotes/remote.ts';
import { createS3Remote } from '../../../../../platform/storage/remotes/s3-remote.ts';
import { test } from '../../../../helpers/folder.ts';
import { localCredentials } from '../../../../helpers/servers.ts';

const hasty = { tries: 6, pauseMs: 1, timeoutMs: 400 };
const patient = { ...hasty, timeoutMs: 2_500 };
const mebibyte = 1024 * 1024;

const kinds = [
  {
    kind: 'a bucket',
    open: (host: string, folder: string, limits = hasty): Remote =>
      createS3Remote(`s3://farm?endpoint=http://${host}`, { environment: {}, folder, limits }),
  },
  {
    kind: 'a registry',
    open: (host: string, folder: string, limits = hasty): Remote =>
      createOciRemote(`oci://${host}/farm/store`, { environment: {}, folder, limits }),
  },
];

const operations: readonly [string, (remote: Remote, folder: string) => Promise<unknown>][] = [
  ['list', (remote) => remote.list('packs/')],
  ['assertThere', (remote) => remote.assertThere()],
  ['upload', (remote, folder) => remote.upload('packs/a', join(folder, 'file'))],
  ['download', (remote, folder) => remote.download('packs/a', join(folder, 'back'))],
  ['remove', (remote) => remote.remove('packs/a')],
];

/** What a server does with a connection, and how often it was asked. */
interface Mute {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  requests: number;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(() => {
  for (const [variable, value] of Object.entries(localCredentials)) vi.stubEnv(variable, value);
});
afterAll(() => vi.unstubAllEnvs());

for (const { kind, open } of kinds) {
  describe(`${kind} that takes connections`, () => {
    let mute: Mute;
    let host: string;
    let answer: string;
    beforeEach(async () => {
      answer = '';
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket
          .on('error', () => {})
          .once('data', () => {
            mute.requests += 1;
            socket.write(answer);
          });
      });
      mute = { server, sockets, requests: 0 };
      host = await listen(server);
    });
    afterEach(() => {
      for (const socket of mute.sockets) socket.destroy();
      mute.server.close();
    });

    test.for([
      ['says nothing', ''],
      [
        'says nothing after its headers',
        'HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\netag: "a"\r\ncontent-length: 9\r\n\r\n<',
      ],
      [
        'says nothing after the headers of a refusal',
        'HTTP/1.1 403 No\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      ],
    ] as const)('and %s is given up after two tries, and named', async ([, words], { folder }) => {
      answer = words;
      await writeFile(join(folder, 'file'), 'a pumpkin');
      // What comes with a status alone is an answer.
      const asked = operations.filter(([name]) => words === '' || name === 'list');
      for (const [name, ask] of asked) {
        mute.requests = 0;
        const began = performance.now();
        await expect(ask(open(host, folder), folder), name).rejects.toMatchObject(
          words.includes('403')
            ? { code: expect.stringMatching(/^REMOTE_(?:FAILED|SILENT)$/) }
            : {
                code: 'REMOTE_SILENT',
                message: expect.stringContaining(`http://${host}`),
                details: { endpoint: `http://${host}`, seconds: 0.4 },
              },
        );
        expect(performance.now() - began, name).toBeLessThan(10_000);
        expect(mute.requests, name).toBeLessThanOrEqual(2);
      }
    });
  });

  test(`${kind} that takes bytes slowly gets them all, however long that is`, async ({
    folder,
  }) => {
    const size = 24 * mebibyte;
    await writeFile(join(folder, 'file'), Buffer.alloc(size, 'a pumpkin'));
    let received = 0;
    const server = createHttpServer((request, response) => {
      let own = 0;
      request.on('data', (bytes: Buffer) => {
        own += bytes.length;
        received = Math.max(received, own);
        // At last it is quick: what systems hold in between would come when everything is sent.
        if (own > size / 2) return;
        request.pause();
        setTimeout(() => request.resume(), 20);
      });
      request.on('end', () => {
        const isHead = request.method === 'HEAD';
        const location = `/v2/farm/store/blobs/uploads/1`;
        const status = isHead
          ? 404
          : request.method === 'POST'
            ? 202
            : request.method === 'PUT'
              ? 201
              : 200;
        // S3 says 200 to what it stores, a registry 201.
        const isBucket = request.url?.startsWith('/farm/');
        response
          .writeHead(isBucket && status === 201 ? 200 : status, { location, etag: '"a"' })
          .end();
      });
    });
    const host = await listen(server);
    const began = performance.now();
    try {
      await open(host, folder, patient).upload('packs/a', join(folder, 'file'));
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(received).toBe(size);
    expect(performance.now() - began).toBeGreaterThan(patient.timeoutMs);
  });
}
