import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { reconcile } from '../../../.github/actions/lib/reconcile.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildApp, type ServingApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import {
  buildRecord,
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { runAction } from '../../helpers/run-action.ts';

async function serve(repository: ModelRepository): Promise<{ serving: ServingApp; url: string }> {
  const config = parseConfig({ root: repository.root, workers: 1, logLevel: 'silent' });
  const serving = await buildApp({ config, store: openStore(repository.root) });
  return { serving, url: await serving.app.listen({ host: '127.0.0.1', port: 0 }) };
}

const quiet = { timeoutSeconds: 2, report: () => {} };

test('nothing is deployed while the server serves what production names', async ({ folder }) => {
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

test('a deployment that leaves the old model serving fails and names both digests', async () => {
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

test('a deployment command that fails is reported with its exit code', async () => {
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
    report: () => {},
  });
  expect(changed).toBe(true);
  await once(spawn('sh', ['-c', `kill $(cat "${pid}")`]), 'exit');
  await repository.remove();
});

test('the action, run as the runner runs it, says that nothing had to change', async ({
  folder,
}) => {
  const root = await cloneHere(folder);
  const repository = await createModelRepository(pumpkins);
  for (const part of ['models/pumpkins', '.mainstem/store']) {
    await cp(join(repository.root, part), join(root, part), { recursive: true });
  }
  const { serving, url } = await serve(repository);
  const result = await runAction({ root, action: 'deploy', inputs: { url, command: 'exit 1' } });
  expect(result, result.log).toMatchObject({ code: 0, outputs: { changed: 'false' } });
  await serving.app.close();
  await repository.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
