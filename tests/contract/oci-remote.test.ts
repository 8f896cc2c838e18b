import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Remote } from '../../platform/storage/index.ts';
import { createOciRemote } from '../../platform/storage/remotes/oci-remote.ts';
import { debianRegistry, goRegistry, type Server } from '../helpers/servers.ts';
import { testRemote } from './remote.ts';

for (const installable of [debianRegistry, goRegistry]) {
  const { name, found, start } = installable;
  describe.skipIf(!found)(`OCI remote in ${name}`, () => {
    let server: Server;
    let folder = '';
    let count = 0;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mainstem-oci-'));
      server = await start();
    });
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const open = (address: string) => createOciRemote(address, { environment: {}, folder });

    testRemote(`OCI remote in ${name}`, {
      create: async () => {
        const host = new URL(server.url).host;
        return open(`oci://${host}/jen/farm-${count++}/store`);
      },
      // What the tag names is replaced, as by somebody who may write to the registry.
      async damage(remote: Remote, key, content) {
        const path = join(folder, 'damage');
        await writeFile(path, content);
        await open(remote.address).upload(key, path);
      },
    });
  });
}
