import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { reconcile } from '../../../.github/actions/lib/reconcile.ts';
import { openStore } from '../../../pipeline/data/index.ts';
import { buildApp, type ServingApp } from '../../../serving/app.ts';
import { checkConfig } from '../../../serving/config.ts';
import { test } from '../../helpers/folder.ts';
import {
  buildRecord,
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';

async function serve(repository: ModelRepository): Promise<{ serving: ServingApp; url: string }> {
  const config = checkConfig({ root: repository.root, workers: 1, logLevel: 'silent' });
  const serving = await buildApp({ config, store: openStore(repository.root) });
  return { serving, url: await serving.app.listen({ host: '127.0.0.1', port: 0 }) };
}

const quiet = { timeoutSeconds: 2, tell: () => {} };

test('nothing is rolled out while the server names what production names', async ({ folder }) => {
  const repository = await createModelRepository(pumpkins);
  const { serving, url } = await serve(repository);
  const trace = join(folder, 'ran');
  const changed = await reconcile({
    ...quiet,
    root: repository.root,
    url,
    command: `touch ${trace}`,
  });
  expect(changed).toBe(false);
  await expect(writeFile(trace, '', { flag: 'wx' })).resolves.toBeUndefined();
  await serving.app.close();
  await repository.remove();
});

test('a roll-out that leaves the old model serving fails and names both digests', async () => {
  const repository = await createModelRepository(pumpkins);
  const { serving, url } = await serve(repository);
  const store = openStore(repository.root);
  const onnx = await store.put(new TextEncoder().encode('another network'), 'application/onnx');
  await repository.promote(buildRecord(pumpkins, onnx, 'ba9876543210'));
  const rolled = reconcile({ ...quiet, root: repository.root, url, command: 'true' });
  await expect(rolled).rejects.toThrow(onnx.digest);
  await serving.app.close();
  await repository.remove();
});

test('a roll-out command that fails is reported with its exit code', async () => {
  const repository = await createModelRepository(pumpkins);
  const unreachable = 'http://127.0.0.1:9';
  const rolled = reconcile({
    ...quiet,
    root: repository.root,
    url: unreachable,
    command: 'exit 7',
  });
  await expect(rolled).rejects.toThrow('ended with 7');
  await repository.remove();
});

test('a server that was down is started by the command and then verified', async ({ folder }) => {
  const repository = await createModelRepository(pumpkins);
  const port = await freePort();
  const script = join(import.meta.dirname, '../../../serving/server.ts');
  const pid = join(folder, 'pid');
  const command = `PORT=${port} LOG_LEVEL=silent "${process.execPath}" "${script}" --root "${repository.root}" >/dev/null 2>&1 & echo $! > "${pid}"`;
  const url = `http://127.0.0.1:${port}`;
  const changed = await reconcile({
    root: repository.root,
    url,
    command,
    timeoutSeconds: 30,
    tell: () => {},
  });
  expect(changed).toBe(true);
  await once(spawn('sh', ['-c', `kill $(cat "${pid}")`]), 'exit');
  await repository.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
