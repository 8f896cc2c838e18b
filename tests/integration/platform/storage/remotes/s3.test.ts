import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from 'vitest';
import { createS3Remote } from '../../../../../platform/storage/remotes/s3-remote.ts';
import { test } from '../../../../helpers/folder.ts';
import {
  foreignAnswers,
  type LoopbackProxy,
  startLoopbackProxy,
} from '../../../../helpers/loopback-proxy.ts';
import {
  createBucket,
  gofakes3,
  localCredentials,
  motoServer,
  type Server,
} from '../../../../helpers/servers.ts';

const limits = { tries: 4, pauseMs: 20, timeoutMs: 5_000 };
const mebibyte = 1024 * 1024;
const large = Buffer.alloc(17 * mebibyte, 'a large pumpkin');

for (const { name, found, start } of [gofakes3, motoServer]) {
  describe.skipIf(!found)(`a transfer to ${name}`, () => {
    let server: Server;
    let proxy: LoopbackProxy;
    beforeAll(async () => {
      for (const [variable, value] of Object.entries(localCredentials)) vi.stubEnv(variable, value);
      server = await start();
      await createBucket(server.url, 'farm');
    });
    beforeEach(async () => {
      proxy = await startLoopbackProxy(server.url);
    });
    afterEach(() => proxy.close());
    afterAll(async () => {
      await server?.stop();
      vi.unstubAllEnvs();
    });
    const remoteIn = (folder: string, tries = limits.tries) =>
      createS3Remote(`s3://farm/${basename(folder)}?endpoint=${proxy.url}`, {
        environment: {},
        folder,
        limits: { ...limits, tries },
        wholeBytes: 8 * mebibyte,
        partBytes: 5 * mebibyte,
        pageKeys: 2,
      });
    const fileWith = async (folder: string, content: string | Uint8Array) => {
      const path = join(folder, 'file');
      await writeFile(path, content);
      return path;
    };

    test('parts that arrived before a kill are not sent again', async ({ folder }) => {
      const file = await fileWith(folder, large);
      let parts = 0;
      proxy.trouble = ({ path }) =>
        path.includes('partNumber') && ++parts > 2 ? { status: 403 } : undefined;
      await expect(remoteIn(folder, 1).upload('objects/a', file)).rejects.toMatchObject({
        code: 'REMOTE_FAILED',
        details: { key: 'objects/a' },
      });
      expect(await remoteIn(folder).list('')).toEqual([]);
      proxy.trouble = () => undefined;
      const sent = proxy.bytes.sent;
      await remoteIn(folder).upload('objects/a', file);
      expect(proxy.bytes.sent - sent).toBeLessThan(8 * mebibyte);
      await remoteIn(folder).download('objects/a', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
    });

    test('what is busy, or breaks, is asked again; a broken download goes on', async ({
      folder,
    }) => {
      const file = await fileWith(folder, large);
      const tried = new Map<string, number>();
      proxy.trouble = ({ method, path }) => {
        const kind = `${method} ${path.split('?')[1]?.slice(0, 12)}`;
        const times = (tried.get(kind) ?? 0) + 1;
        tried.set(kind, times);
        if (times > 2) return undefined;
        if (method === 'GET' && path.includes('objects')) return { cutAnswerAt: 6 * mebibyte };
        return times === 1 ? { status: 503 } : { cutRequestAt: 0, cutAnswerAt: 0 };
      };
      const remote = remoteIn(folder, 6);
      await remote.upload('objects/a', file);
      const before = proxy.bytes.received;
      await remote.download('objects/a', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
      expect(proxy.bytes.received - before).toBeLessThan(large.length + 9 * mebibyte);
    });

    test('what is there already is not overwritten', async ({ folder }) => {
      const remote = remoteIn(folder);
      await remote.upload('packs/a', await fileWith(folder, 'first'));
      await remote.upload('packs/a', await fileWith(folder, 'other'));
      await remote.download('packs/a', join(folder, 'back'));
      expect(await readFile(join(folder, 'back'), 'utf8')).toBe('first');
      expect(proxy.seen.at(0)?.headers['if-none-match']).toBe('*');
    });

    test.for(foreignAnswers)(
      'what something else answers in its place is no success: %s',
      async ([_what, answer], { folder }) => {
        const [small, big] = [join(folder, 'small'), join(folder, 'big')];
        await writeFile(small, 'x');
        await writeFile(big, large);
        const failed = (action: Promise<unknown>) =>
          expect(action).rejects.toMatchObject({
            code: 'REMOTE_FAILED',
            message: expect.stringMatching(/answered what no S3 server answers/),
          });
        for (const methods of ['PUT|POST', 'PUT', 'POST', 'HEAD', 'PUT|POST|HEAD|GET']) {
          proxy.trouble = ({ method }) =>
            new RegExp(`^(${methods})$`).test(method) ? answer : undefined;
          await failed(remoteIn(folder).upload('objects/big', big));
          if (methods.includes('PUT')) await failed(remoteIn(folder).upload('packs/small', small));
        }
        await failed(remoteIn(folder).list(''));
        await failed(remoteIn(folder).assertThere());
        proxy.trouble = () => undefined;
        expect(await remoteIn(folder).list('')).toEqual([]);
        await remoteIn(folder).upload('objects/big', big);
        expect(await remoteIn(folder).list('')).toEqual(['objects/big']);
      },
    );

    test('an answer that is cut off is a broken connection, and no other server', async ({
      folder,
    }) => {
      await remoteIn(folder).upload('packs/a', await fileWith(folder, 'first'));
      proxy.trouble = ({ method }) => (method === 'GET' ? { cutAnswerAt: 40 } : undefined);
      const broken = {
        code: 'REMOTE_FAILED',
        message: expect.not.stringContaining('answered what no S3 server answers'),
      };
      await expect(remoteIn(folder, 1).list('')).rejects.toMatchObject(broken);
      await expect(remoteIn(folder, 1).assertThere()).rejects.toMatchObject(broken);
    });

    test('a login page in the middle of a pull leaves nothing of itself behind', async ({
      folder,
    }) => {
      const remote = remoteIn(folder);
      await remote.upload('objects/a', await fileWith(folder, large));
      const { body = '' } = new Map(foreignAnswers).get('a login page') ?? {};
      proxy.trouble = ({ method }) => (method === 'GET' ? { status: 200, body } : undefined);
      await expect(remote.download('objects/a', join(folder, 'back'))).rejects.toMatchObject({
        message: expect.stringContaining('answered what no S3 server answers'),
      });
      proxy.trouble = () => undefined;
      await remote.download('objects/a', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
    });

    test('a list without an end is not followed forever', async ({ folder }) => {
      const pages = (keys: (page: number) => string) => {
        let page = 0;
        proxy.trouble = ({ path }) => {
          if (!path.includes('list-type')) return undefined;
          const headers = { 'content-type': 'application/xml' };
          const [key, token] = [
            keys(++page),
            `<NextContinuationToken>${page}</NextContinuationToken>`,
          ];
          const contents = `<Contents><Key>${basename(folder)}/packs/${key}</Key></Contents>`;
          const body = `<ListBucketResult><IsTruncated>true</IsTruncated>${contents}${token}</ListBucketResult>`;
          return { status: 200, headers, body };
        };
      };
      pages(() => 'a.pack');
      await expect(remoteIn(folder).list('packs/')).rejects.toMatchObject({
        message: expect.stringContaining('its list has no end'),
      });
    });

    test('a server that is busy with words of its own is said to be busy', async ({ folder }) => {
      proxy.trouble = () => ({ status: 503, headers: { 'retry-after': '31536000' }, body: 'nope' });
      await expect(remoteIn(folder, 1).list('packs/')).rejects.toMatchObject({
        message: expect.stringContaining('answered 503'),
      });
    });

    test('an object that only a proxy says is there is not taken for stored', async ({
      folder,
    }) => {
      const file = await fileWith(folder, 'x');
      proxy.trouble = ({ method }) => (method === 'PUT' ? { status: 412 } : undefined);
      await expect(remoteIn(folder).upload('packs/a', file)).rejects.toMatchObject({
        code: 'REMOTE_FAILED',
      });
    });

    test('a bucket that does not exist is named', async ({ folder }) => {
      const remote = createS3Remote(`s3://no-such-bucket?endpoint=${proxy.url}`, {
        environment: {},
        folder,
        limits,
      });
      await expect(remote.list('packs/')).rejects.toMatchObject({
        code: 'REMOTE_FAILED',
        message: expect.stringContaining('has no bucket no-such-bucket'),
      });
    });

    test('more than a page of keys is listed whole', async ({ folder }) => {
      const remote = remoteIn(folder);
      const file = await fileWith(folder, 'x');
      const keys = ['records/a', 'records/b', 'records/c', 'records/d', 'records/e'];
      for (const key of keys) await remote.upload(key, file);
      expect(await remote.list('records/')).toEqual(keys);
    });
  });
}
