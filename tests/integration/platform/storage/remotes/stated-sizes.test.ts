import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { receiveFile } from '../../../../../platform/storage/remotes/http/receive-file.ts';
import { createOciRemote } from '../../../../../platform/storage/remotes/oci-remote.ts';
import { test } from '../../../../helpers/folder.ts';

const limits = { tries: 3, pauseMs: 5, timeoutMs: 5_000 };
const content = Buffer.from('a pumpkin that is there whole');

let stop = () => {};
afterEach(() => stop());

/** A registry with one key whose manifest states this size of it. @returns its address, and the requests for the blob */
async function startRegistry(stated: number) {
  const asked: string[] = [];
  const digest = digestBytes(content);
  const mediaType = 'application/octet-stream';
  const layer = { mediaType, digest, size: stated };
  const manifest = { schemaVersion: 2, config: { ...layer, size: 2 }, layers: [layer] };
  const server = createServer(({ url = '', headers: { range } }, answer) => {
    if (url.includes('/manifests/')) return answer.end(JSON.stringify(manifest));
    asked.push(range ?? '');
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    answer.statusCode = from >= content.length ? 416 : from > 0 ? 206 : 200;
    return answer.end(content.subarray(from));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => void server.close();
  const at = server.address();
  const port = at !== null && typeof at === 'object' ? at.port : 0;
  return { address: `oci://127.0.0.1:${port}/jen/store`, asked };
}

describe('a manifest that states another size of a blob than it has', () => {
  test.for([0, 2, content.length - 1])(
    'a smaller one (%i bytes) is damage, and is not asked for again',
    async (stated, { folder }) => {
      const { address, asked } = await startRegistry(stated);
      const remote = createOciRemote(address, { environment: {}, folder, limits });
      await expect(remote.download('objects/x', join(folder, 'back'))).rejects.toMatchObject({
        code: 'REMOTE_CORRUPT',
      });
      expect(asked.length).toBeLessThanOrEqual(1);
      expect(await readdir(folder)).not.toContain('back');
    },
  );

  test('a larger one fails as soon as nothing more comes', async ({ folder }) => {
    const { address, asked } = await startRegistry(content.length + 7);
    const remote = createOciRemote(address, { environment: {}, folder, limits });
    await expect(remote.download('objects/x', join(folder, 'back'))).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
    });
    // Each try asks for the rest, which this registry refuses, and then for all of it.
    expect(asked.length).toBeLessThanOrEqual(limits.tries * 2);
  });

  test('the right one is received', async ({ folder }) => {
    const { address } = await startRegistry(content.length);
    const remote = createOciRemote(address, { environment: {}, folder, limits });
    await remote.download('objects/x', join(folder, 'back'));
    expect(await readFile(join(folder, 'back'))).toEqual(content);
  });
});

test('content without an end is not written to the disk', async ({ folder }) => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      sent += content.length;
      yield content;
    }
  }
  const open = async (offset: number) => ({ offset, total: 100, body: endless() });
  const received = receiveFile(
    { place: 'the farm', folder, name: 'x', open },
    join(folder, 'back'),
    limits,
  );
  await expect(received).rejects.toThrow('sent more than the 100 bytes that it states');
  expect(sent).toBeLessThan(200);
  expect(await readdir(folder)).toEqual([]);
});
