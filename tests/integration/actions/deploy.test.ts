import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { DeployTarget } from '../../../.github/actions/lib/deploy-target.ts';
import { type Deployment, reconcile } from '../../../.github/actions/lib/reconcile.ts';
import { openReleases } from '../../../.github/actions/lib/releases.ts';
import { smokeTest } from '../../../.github/actions/lib/smoke.ts';
import { git } from '../../../platform/lib/git.ts';
import { digestFile, hexOf } from '../../../platform/lib/hash.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { loadPromoted, recordDigest } from '../../../platform/registry/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../../platform/storage/index.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { createModelRepository, gourds, pumpkins } from '../../helpers/model-repository.ts';
import { runAction } from '../../helpers/run-action.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A checkout with two promoted models whose networks are in a remote, and a host with a supervisor. */
interface Farm {
  readonly workspace: Workspace;
  readonly url: string;
  readonly host: string;
  readonly remote: string;
  /** Commits everything. */
  commit(message: string): Promise<string>;
  deploy(changed?: Partial<Deployment>): ReturnType<typeof reconcile>;
  /** What `/version` says: model → run. */
  served(): Promise<Record<string, string>>;
}

const processTarget: DeployTarget = { command: '', runnable: true };

async function openFarm(folder: string): Promise<Farm> {
  const root = await cloneHere(folder);
  const models = await createModelRepository(pumpkins, gourds);
  ends.push(models.remove);
  await cp(join(models.root, 'models'), join(root, 'models'), { recursive: true });
  const workspace = {
    ...{ root, reporter: silentReporter, signal: new AbortController().signal },
  };
  const remote = join(folder, 'remote');
  await pushNetworks({ ...workspace, root: models.root }, remote);
  const host = join(folder, 'host');
  await plantPackages(root, host);
  const url = await startSupervisor(root, host);
  const commit = async (message: string) => {
    await git(root, 'add', '--all');
    await git(root, 'commit', '--quiet', '-m', message);
    return git(root, 'rev-parse', 'HEAD');
  };
  await commit('Promote two models');
  return {
    ...{ workspace, url, host, remote, commit },
    deploy: async (changed = {}) =>
      reconcile({
        ...{ workspace, url, remote, target: processTarget, timeoutSeconds: 90 },
        ...{ releases: await openReleases(host), fetch: async () => {}, ...changed },
      }),
    served: async () => {
      const version = await (await fetch(`${url}/version`)).json();
      return Object.fromEntries(
        version.models.map(({ model, version: run }: Record<string, string>) => [model, run]),
      );
    },
  };
}

async function pushNetworks(workspace: Workspace, remote: string): Promise<void> {
  const store = openStore(workspace.root);
  const blobs = new Map();
  for (const name of ['pumpkins', 'gourds']) {
    const promoted = await loadPromoted(workspace.root, name);
    if (promoted) blobs.set(promoted.record.package.onnx.digest, name);
  }
  const ends = { workspace, store, remote: createFolderRemote(remote) };
  await push(ends, { blobs, records: new Map() });
}

/** The packages as if an earlier deployment had installed them. */
async function plantPackages(root: string, host: string): Promise<void> {
  const lock = hexOf(await digestFile(join(root, 'package-lock.json'))).slice(0, 16);
  await mkdir(join(host, 'packages', lock), { recursive: true });
  await symlink(
    join(import.meta.dirname, '../../../node_modules'),
    join(host, 'packages', lock, 'node_modules'),
  );
}

async function startSupervisor(root: string, host: string): Promise<string> {
  const port = await freePort();
  const script = join(root, 'infra/process/supervise.sh');
  const env = { ...process.env, PORT: String(port), LOG_LEVEL: 'silent' };
  const child = spawn('sh', [script, host], { env, stdio: 'ignore' });
  ends.unshift(() => stop(child));
  return `http://127.0.0.1:${port}`;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Promotes the same network as another run, with other words on the page. */
async function promoteAgain(root: string, run: string): Promise<void> {
  const promoted = await loadPromoted(root, 'pumpkins');
  if (!promoted) throw new Error('nothing is promoted');
  const { record, pointer } = promoted;
  const key = `sha256:${run}${record.key.slice('sha256:'.length + run.length)}` as const;
  const next = { ...record, run, key, page: { ...record.page, title: 'Pumpkins!' } };
  await writeJson(join(root, 'models/pumpkins/records', `${run}.json`), next);
  const named = { ...pointer, run, record: recordDigest(next) };
  await writeJson(join(root, 'models/pumpkins/production.json'), named);
}

const first = '0123456789ab';
const second = 'ba9876543210';

test('a process serves what main names: a first model, a record with the same network, other code, one model fewer', async ({
  folder,
}) => {
  const farm = await openFarm(folder);
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

  await git(root, 'checkout', '--quiet', 'HEAD^');
  expect(await farm.deploy(), 'an older commit').toMatchObject({ state: 'outdated' });
  expect(await farm.served()).toEqual({ pumpkins: second });
});

test('what serves does not need the runner’s checkout, which the next job cleans', async ({
  folder,
}) => {
  const farm = await openFarm(folder);
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
  const farm = await openFarm(folder);
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
  const farm = await openFarm(folder);
  const { url, host, remote, workspace } = farm;
  const commit = await git(workspace.root, 'rev-parse', 'HEAD');
  const inputs = { url, remote, folder: host, target: 'process' };
  const deploy = () => runAction({ root: workspace.root, action: 'deploy', inputs });
  const deployed = await deploy();
  const serving = { commit, serving: commit };
  expect(deployed.outputs, deployed.log).toEqual({ state: 'deployed', ...serving });
  expect((await deploy()).outputs).toEqual({ state: 'unchanged', ...serving });
});

test('a target without its command is refused before anything happens', async ({ folder }) => {
  const inputs = { url: 'http://127.0.0.1:9', folder: join(folder, 'host'), target: 'command' };
  const { code, log } = await runAction({ action: 'deploy', inputs });
  expect(code).toBe(1);
  expect(log).toContain('needs the input "command"');
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
  await expect(smokeTest(repository.root, `http://127.0.0.1:${port}`)).rejects.toThrow('melon');
});
