import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { fetchCommit } from '../../../.github/actions/lib/fetch-commit.ts';
import { smokeTest } from '../../../.github/actions/lib/smoke.ts';
import { git } from '../../../platform/lib/git.ts';
import { loadPromoted } from '../../../platform/registry/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { makeKey } from '../../helpers/access-keys.ts';
import { type Ends, first, openFarm, promoteAgain, second } from '../../helpers/deployment.ts';
import { test } from '../../helpers/folder.ts';
import { createModelRepository, gourds, pumpkins } from '../../helpers/model-repository.ts';
import { runAction } from '../../helpers/run-action.ts';
import { networkWith, recordOf, tryVersion } from '../../helpers/versions.ts';

const ends: Ends = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

test('a process serves what main names: a first model, a record with the same network, other code, one model fewer', async ({
  folder,
}) => {
  const farm = await openFarm(folder, ends);
  const { root } = farm.workspace;
  expect(await farm.deploy()).toMatchObject({ state: 'deployed' });
  expect(await farm.served()).toEqual({ pumpkins: first, gourds: first });
  expect(await farm.deploy()).toMatchObject({ state: 'unchanged' });

  await promoteAgain(root, second);
  await farm.commit('Promote another record of the same network');
  expect(await farm.deploy()).toMatchObject({ state: 'deployed' });
  expect(await farm.served()).toEqual({ pumpkins: second, gourds: first });

  await appendFile(join(root, 'serving/web/page.css'), '\n/* another look */\n');
  await rm(join(root, 'models/gourds/production.json'));
  const last = await farm.commit('Another page, and gourds are no longer served');
  expect(await farm.deploy()).toMatchObject({ state: 'deployed', commit: last });
  expect(await farm.served()).toEqual({ pumpkins: second });
  const page = await (await fetch(`${farm.url}/page.css`)).text();
  expect(page).toContain('another look');
  expect(await readdir(join(farm.host, last))).not.toContain('data');
  // What is put there once is looked up in by every release.
  const features = await realpath(join(farm.host, 'features'));
  expect(await realpath(join(farm.host, last, '.mainstem/features'))).toBe(features);

  await git(root, 'checkout', '--quiet', 'HEAD^');
  expect(await farm.deploy(), 'an older commit').toMatchObject({ state: 'outdated' });
  expect(await farm.served()).toEqual({ pumpkins: second });
});

test('what serves does not need the runner’s checkout, which the next job cleans', async ({
  folder,
}) => {
  const farm = await openFarm(folder, ends);
  await farm.deploy();
  await rm(join(farm.workspace.root, '.mainstem'), { recursive: true, force: true });
  await rm(join(farm.workspace.root, 'models'), { recursive: true });
  const [pid] = await serverPids(farm.host);
  process.kill(Number(pid), 'SIGKILL');
  await expect
    .poll(() => farm.served().catch(() => null), { timeout: 60_000 })
    .toEqual({ pumpkins: first, gourds: first });
});

/** The servers that run from a folder, found by their command lines. */
async function serverPids(host: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return line.startsWith(host) ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

test('a release that cannot be rolled out is undone, and what served before serves again', async ({
  folder,
}) => {
  const farm = await openFarm(folder, ends);
  const { root } = farm.workspace;
  const good = await git(root, 'rev-parse', 'HEAD');
  await farm.deploy();
  await promoteAgain(root, second);
  await writeFile(join(root, 'broken'), '');
  const bad = await farm.commit('Break the roll-out');
  const target = { command: 'test ! -e broken', runnable: true };
  const outcome = await farm.deploy({ target });
  expect(outcome).toMatchObject({ state: 'failed', commit: bad, previous: good });
  expect(outcome).toMatchObject({ error: { code: 'DEPLOY_FAILED' } });
  expect(await farm.served()).toMatchObject({ pumpkins: first });

  await rm(join(root, 'broken'));
  await writeFile(join(root, 'serving/server.ts'), 'process.exit(1);\n');
  await farm.commit('Break the server');
  const crashed = await farm.deploy({ timeoutSeconds: 15 });
  expect(crashed).toMatchObject({ state: 'failed', previous: good });
  expect(crashed).toMatchObject({ error: { code: 'DEPLOY_TIMEOUT' } });
  expect(await farm.served()).toMatchObject({ pumpkins: first });
});

test('the action, run as the runner runs it, names the commit that serves', async ({ folder }) => {
  const farm = await openFarm(folder, ends);
  const { url, host, remote, workspace } = farm;
  const commit = await git(workspace.root, 'rev-parse', 'HEAD');
  const inputs = { url, remote, folder: host, target: 'process' };
  const deploy = () => runAction({ root: workspace.root, action: 'deploy', inputs });
  const deployed = await deploy();
  const serving = { commit, serving: commit };
  expect(deployed.outputs, deployed.log).toEqual({ state: 'deployed', ...serving });
  expect((await deploy()).outputs).toEqual({ state: 'unchanged', ...serving });
});

test('a server that asks for keys is deployed with one, and nothing is switched with a wrong one', async ({
  folder,
}) => {
  const key = makeKey('deploy', { scopes: ['predict', 'metrics'] });
  const farm = await openFarm(folder, ends, undefined, key.text);
  const file = { version: 1, keys: [key.entry] };
  await writeFile(join(farm.host, 'keys.json'), JSON.stringify(file));
  expect(await farm.deploy()).toMatchObject({ state: 'deployed' });
  expect(await farm.served()).toEqual({ pumpkins: first, gourds: first });
  expect((await fetch(`${farm.url}/version`)).status).toBe(401);
  await promoteAgain(farm.workspace.root, second);
  await farm.commit('Promote another record');
  const refused = farm.deploy({ key: makeKey('wrong').text });
  await expect(refused).rejects.toMatchObject({ code: 'DEPLOY_KEY_REFUSED' });
  expect(await farm.served()).toEqual({ pumpkins: first, gourds: first });
  const { outputs, log } = await runAction({
    root: farm.workspace.root,
    action: 'deploy',
    inputs: {
      ...{ url: farm.url, key: key.text, remote: farm.remote },
      ...{ folder: farm.host, target: 'process' },
    },
  });
  expect(outputs, log).toMatchObject({ state: 'deployed' });
});

test('a promoted network that the remote lacks is named with its model, and nothing is switched', async ({
  folder,
}) => {
  const farm = await openFarm(folder, ends);
  const { url, host, workspace } = farm;
  const remote = join(folder, 'another-remote');
  const inputs = { url, remote, folder: host, target: 'process' };
  const { code, log } = await runAction({ root: workspace.root, action: 'deploy', inputs });
  expect(code).toBe(1);
  expect(log).toContain(
    `::error::DEPLOY_NETWORK_MISSING The remote ${remote} lacks the network of`,
  );
  expect(log).toMatch(/network of (pumpkins|gourds) in production, sha256:/);
  expect(await readdir(host)).not.toContain('current');
});

test.for(['--upload-pack=touch trace', '--output=trace', '-x', 'main'])(
  'a link to a folder called %s is no revision and no option of git',
  async (name, { folder }) => {
    const farm = await openFarm(folder, ends);
    const { root } = farm.workspace;
    await git(root, 'remote', 'add', 'origin', root);
    await mkdir(join(farm.host, name));
    await symlink(name, join(farm.host, 'current'));
    const deployed = await farm.deploy({ fetch: (commit) => fetchCommit(root, commit, 'token') });
    expect(deployed.state).toBe('deployed');
    expect(existsSync(join(root, 'trace'))).toBe(false);
    await expect(fetchCommit(root, name, 'token')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(existsSync(join(root, 'trace'))).toBe(false);
  },
);

test('a target without its command is refused before anything happens', async ({ folder }) => {
  const inputs = { url: 'http://127.0.0.1:9', folder: join(folder, 'host'), target: 'command' };
  const { code, log } = await runAction({ action: 'deploy', inputs });
  expect(code).toBe(1);
  expect(log).toContain('::error::INPUT_INVALID The input "command" of the action is empty');
});

test('a model that answers with a class it does not have fails the smoke test', async () => {
  const repository = await createModelRepository(pumpkins);
  ends.push(repository.remove);
  const promoted = await loadPromoted(repository.root, 'pumpkins');
  const answer = {
    ...{ model: 'pumpkins', version: first, digest: promoted?.pointer.record },
    results: [{ class: 'melon', value: null }],
  };
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.push(async () => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await expect(
    smokeTest(repository.root, { url: `http://127.0.0.1:${port}`, key: '' }),
  ).rejects.toThrow('melon');
});

test('the smoke test takes the answer of a canary for right, and of no version that nothing names', async () => {
  const repository = await createModelRepository(gourds);
  ends.push(repository.remove);
  const { root } = repository;
  const record = await recordOf(root, gourds, { run: second, network: await networkWith('tried') });
  await tryVersion(root, 'canary', record, { share: 1 });
  const config = parseConfig({ root, workers: 1, logLevel: 'silent', followSeconds: 0 });
  const { app } = await buildApp({ config, store: openStore(root) });
  ends.unshift(async () => app.close());
  const reach = { url: await app.listen({ host: '127.0.0.1', port: 0 }), key: '' };
  await expect(smokeTest(root, reach)).resolves.toBeUndefined();
  await rm(join(root, 'models/gourds/canary.json'));
  await expect(smokeTest(root, reach)).rejects.toThrow(second);
});
