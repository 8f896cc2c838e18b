import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { Remote } from '../../../../../platform/storage/index.ts';
import { createOciRemote } from '../../../../../platform/storage/remotes/oci-remote.ts';
import { createS3Remote } from '../../../../../platform/storage/remotes/s3-remote.ts';
import { test } from '../../../../helpers/folder.ts';
import { type LoopbackProxy, startLoopbackProxy } from '../../../../helpers/loopback-proxy.ts';
import {
  createBucket,
  debianRegistry,
  gofakes3,
  localCredentials,
  type Server,
} from '../../../../helpers/servers.ts';

const mebibyte = 1024 * 1024;
const large = Buffer.alloc(32 * mebibyte, 'a large pumpkin');
const remotes = join(import.meta.dirname, '../../../../../platform/storage/remotes');

const kinds = [
  {
    name: 'oci',
    server: debianRegistry,
    module: join(remotes, 'oci-remote.ts'),
    create: 'createOciRemote',
    addressAt: (url: string) => `oci://${new URL(url).host}/jen/store`,
    options: { environment: {}, chunkBytes: 5 * mebibyte },
    open: createOciRemote,
  },
  {
    name: 's3',
    server: gofakes3,
    module: join(remotes, 's3-remote.ts'),
    create: 'createS3Remote',
    addressAt: (url: string) => `s3://farm/store?endpoint=${url}`,
    options: { environment: {}, wholeBytes: 5 * mebibyte, partBytes: 5 * mebibyte },
    open: createS3Remote,
  },
];

/** How much of a download has reached the disk. */
function partialBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const partial = files.find((path) => path.endsWith('.tmp'));
  return partial ? statSync(join(folder, partial)).size : 0;
}

for (const { name, server: installable, module, create, addressAt, options, open } of kinds) {
  describe.skipIf(!installable.found)(`a process that is killed in the middle, ${name}`, () => {
    let server: Server;
    let proxy: LoopbackProxy;
    beforeEach(async () => {
      for (const [variable, value] of Object.entries(localCredentials)) vi.stubEnv(variable, value);
      server = await installable.start();
      if (name === 's3') await createBucket(server.url, 'farm');
      proxy = await startLoopbackProxy(server.url);
    });
    afterEach(async () => {
      await proxy.close();
      await server.stop();
      vi.unstubAllEnvs();
    });
    const openIn = (folder: string): Remote => open(addressAt(proxy.url), { ...options, folder });

    /** Runs one transfer in a process of its own, and kills it as soon as so many bytes have passed. */
    const killed = async (call: string, folder: string, passed: () => number) => {
      const script = `import { ${create} } from ${JSON.stringify(pathToFileURL(module).href)};
const options = ${JSON.stringify({ ...options, folder })};
await ${create}(${JSON.stringify(addressAt(proxy.url))}, options).${call};`;
      const path = join(folder, 'transfer.mjs');
      await writeFile(path, script);
      const child = spawn(process.execPath, [path]);
      let said = '';
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString();
      });
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (_, signal) => resolve(signal ?? said));
      });
      const timer = setInterval(() => {
        if (passed() > 16 * mebibyte) child.kill('SIGKILL');
      }, 2);
      expect(await ended).toBe('SIGKILL');
      clearInterval(timer);
    };

    test('what arrived of an upload is not sent again', async ({ folder }) => {
      const file = join(folder, 'large');
      await writeFile(file, large);
      proxy.trouble = () => ({ slowMs: 2 });
      // A kill between two chunks: docker-registry loses count of one that breaks in the middle.
      const call = `upload('objects/a', ${JSON.stringify(file)})`;
      if (name === 's3') await killed(call, folder, () => proxy.bytes.sent);
      else {
        let chunks = 0;
        proxy.trouble = ({ method }) =>
          method === 'PATCH' && ++chunks > 3 ? { silent: true } : undefined;
        await killed(call, folder, () => (chunks > 3 ? large.length : 0));
      }
      expect(await openIn(folder).list('')).toEqual([]);
      proxy.trouble = () => undefined;
      const before = proxy.bytes.sent;
      await openIn(folder).upload('objects/a', file);
      expect(proxy.bytes.sent - before).toBeLessThan(large.length - 9 * mebibyte);
      await openIn(folder).download('objects/a', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
    });

    test('what arrived of a download is not fetched again', async ({ folder }) => {
      const file = join(folder, 'large');
      await writeFile(file, large);
      await openIn(folder).upload('objects/a', file);
      proxy.trouble = ({ method, path }) =>
        method === 'GET' && /blobs|objects/.test(path)
          ? { stallAnswerAt: 20 * mebibyte }
          : undefined;
      const call = `download('objects/a', ${JSON.stringify(join(folder, 'gone'))})`;
      await killed(call, folder, () => partialBytes(folder));
      proxy.trouble = () => undefined;
      const resumed = proxy.bytes.received;
      await openIn(folder).download('objects/a', join(folder, 'back'));
      expect(Buffer.compare(await readFile(join(folder, 'back')), large)).toBe(0);
      expect(proxy.bytes.received - resumed).toBeLessThan(large.length - 8 * mebibyte);
      const left = await readdir(folder, { recursive: true });
      expect(left.filter((path) => path.endsWith('.tmp'))).toEqual([]);
    });
  });
}
