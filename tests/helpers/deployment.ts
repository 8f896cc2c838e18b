import { spawn } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeployTarget } from '../../.github/actions/lib/deploy-target.ts';
import { type Deployment, reconcile } from '../../.github/actions/lib/reconcile.ts';
import { openReleases } from '../../.github/actions/lib/releases.ts';
import { accessHeaders } from '../../.github/actions/lib/served.ts';
import { git } from '../../platform/lib/git.ts';
import { digestFile, hexOf } from '../../platform/lib/hash.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { loadPromoted, recordDigest } from '../../platform/registry/index.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../platform/storage/index.ts';
import { cloneHere } from './clone.ts';
import { freePort } from './free-port.ts';
import { createModelRepository, gourds, pumpkins } from './model-repository.ts';
import { stopProcess } from './stop-process.ts';

/** A checkout with two promoted models whose networks are in a remote, and a host that serves releases. */
export interface Farm {
  readonly workspace: Workspace;
  readonly url: string;
  /** Access key; '' where the server asks for none. */
  readonly key: string;
  readonly host: string;
  readonly remote: string;
  /** Commits everything. */
  commit(message: string): Promise<string>;
  /** With the target `process` where no other is given. */
  deploy(changed?: Partial<Deployment>): ReturnType<typeof reconcile>;
  /** What `/version` says: model → run. */
  served(): Promise<Record<string, string>>;
}

const processTarget: DeployTarget = { command: '', runnable: true };

/** What ends what a test has started, in this order. */
export type Ends = (() => Promise<unknown>)[];

/** Starts whatever serves the releases in the folder `host`. @returns its address */
export type Serve = (ends: Ends, root: string, host: string) => Promise<string>;

/** Opens a farm in an empty folder. @param serve a supervisor of infra/process if none is given @param key if it asks for one */
export async function openFarm(
  folder: string,
  ends: Ends,
  serve: Serve = startSupervisor,
  key = '',
): Promise<Farm> {
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
  const url = await serve(ends, root, host);
  const commit = async (message: string) => {
    await git(root, 'add', '--all');
    await git(root, 'commit', '--quiet', '-m', message);
    return git(root, 'rev-parse', 'HEAD');
  };
  await commit('Promote two models');
  return {
    ...{ workspace, url, key, host, remote, commit },
    deploy: async (changed = {}) =>
      reconcile({
        ...{ workspace, url, key, remote, target: processTarget, timeoutSeconds: 90 },
        ...{ releases: await openReleases(host), fetch: async () => {}, ...changed },
      }),
    served: async () => {
      const headers = accessHeaders({ key });
      const version = await (await fetch(`${url}/version`, { headers })).json();
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
  const transfer = { workspace, store, remote: createFolderRemote(remote) };
  await push(transfer, { blobs, records: new Map() });
}

/** The packages as if an earlier deployment had installed them. */
async function plantPackages(root: string, host: string): Promise<void> {
  const lock = hexOf(await digestFile(join(root, 'package-lock.json'))).slice(0, 16);
  await mkdir(join(host, 'packages', lock), { recursive: true });
  await symlink(
    join(import.meta.dirname, '../../node_modules'),
    join(host, 'packages', lock, 'node_modules'),
  );
}

async function startSupervisor(ends: Ends, root: string, host: string): Promise<string> {
  const port = await freePort();
  const script = join(root, 'infra/process/supervise.sh');
  const env = { ...process.env, PORT: String(port), LOG_LEVEL: 'silent' };
  const child = spawn('sh', [script, host], { env, stdio: 'ignore' });
  ends.unshift(() => stopProcess(child));
  return `http://127.0.0.1:${port}`;
}

/** Promotes the same network as another run, with other words on the page. */
export async function promoteAgain(root: string, run: string): Promise<void> {
  const promoted = await loadPromoted(root, 'pumpkins');
  if (!promoted) throw new Error('nothing is promoted');
  const { record, pointer } = promoted;
  const key = `sha256:${run}${record.key.slice('sha256:'.length + run.length)}` as const;
  const next = { ...record, run, key, page: { ...record.page, title: 'Pumpkins!' } };
  await writeJson(join(root, 'models/pumpkins/records', `${run}.json`), next);
  const named = { ...pointer, run, record: recordDigest(next) };
  await writeJson(join(root, 'models/pumpkins/production.json'), named);
}

/** The run that is promoted first. */
export const first = '0123456789ab';
/** A run to promote after it. */
export const second = 'ba9876543210';
