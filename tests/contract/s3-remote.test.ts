import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createS3Remote } from '../../platform/storage/remotes/s3-remote.ts';
import {
  createBucket,
  gofakes3,
  localCredentials,
  motoServer,
  type Server,
} from '../helpers/servers.ts';
import { testRemote } from './remote.ts';

for (const { name, found, start } of [gofakes3, motoServer]) {
  describe.skipIf(!found)(`S3 remote at ${name}`, () => {
    let server: Server;
    let folder = '';
    let count = 0;
    beforeAll(async () => {
      for (const [variable, value] of Object.entries(localCredentials)) vi.stubEnv(variable, value);
      folder = await mkdtemp(join(tmpdir(), 'mainstem-s3-'));
      server = await start();
      await createBucket(server.url, 'farm');
    });
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
      vi.unstubAllEnvs();
    });
    const prefixOf = (address: string) => /farm\/([^?]*)/.exec(address)?.[1] ?? '';

    const put = async (address: string, key: string, Body: Uint8Array) => {
      const client = new S3Client({ endpoint: server.url, forcePathStyle: true });
      const object = { Bucket: 'farm', Key: `${prefixOf(address)}/${key}`, Body };
      await client.send(new PutObjectCommand(object));
      client.destroy();
    };

    test('an object of another size in the place of one is written again', async () => {
      const address = `s3://farm/store-${count++}?endpoint=${server.url}`;
      const remote = createS3Remote(address, { environment: {}, folder });
      const [file, back] = [join(folder, 'whole'), join(folder, 'back')];
      await writeFile(file, 'the whole pumpkin');
      await put(address, 'objects/pumpkin', Buffer.from('half'));
      await remote.upload('objects/pumpkin', file);
      await remote.download('objects/pumpkin', back);
      expect(await readFile(back, 'utf8')).toBe('the whole pumpkin');
    });

    testRemote(`S3 remote at ${name}`, {
      create: async () => {
        const address = `s3://farm/store-${count++}?endpoint=${server.url}`;
        return createS3Remote(address, {
          environment: {},
          folder,
          // Small enough for the suite's files of 6 MB to travel in parts; S3 itself wants 5 MiB at least.
          wholeBytes: 5 * 1024 * 1024,
          partBytes: 5 * 1024 * 1024,
        });
      },
      damage: ({ address }, key, content) => put(address, key, content),
    });
  });
}
