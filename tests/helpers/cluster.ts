import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Ends } from './deployment.ts';
import { freePort } from './free-port.ts';
import { stopProcess } from './stop-process.ts';
import { goPrograms } from './tools.ts';

/** The parts of Kubernetes that decide: etcd, the API server, the controllers of deployments. It has no nodes. */
export interface Cluster {
  /** Folder with a program `kubectl`. */
  readonly bin: string;
  /** File that says where the cluster is, for a user `runner` who may do nothing at first. */
  readonly kubeconfig: string;
  /** The API, without encryption, on this machine. */
  readonly api: string;
  /** What kubectl says to who may do everything. @throws Error with what went wrong */
  kubectl(...args: string[]): Promise<string>;
}

/** The users; `admin` is of a group that may do everything. */
const tokens = { admin: 'token-of-admin', runner: 'token-of-runner' };

/** Starts a cluster in an empty folder and waits until it answers. */
export async function startCluster(folder: string, ends: Ends): Promise<Cluster> {
  const start = (name: string, args: readonly string[]) => {
    const child = spawn(goPrograms.kubernetes, [name, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    ends.unshift(() => stopProcess(child));
    return child;
  };
  const etcd = await startEtcd(folder, start);
  const port = await freePort();
  drain(start('kube-apiserver', await apiServerArguments(folder, etcd, port)));
  await waitForAnswer(port);
  const [admin, runner] = await writeKubeconfigs(folder, port);
  drain(start('controllers', [admin]));
  const proxy = start('kubectl', ['proxy', '--port=0', `--kubeconfig=${admin}`]);
  const api = `http://${await printed(proxy, /Starting to serve on (\S+)/)}`;
  const bin = await plantKubectl(folder);
  const kubectl = async (...args: string[]) => {
    const env = { ...process.env, KUBECONFIG: admin };
    return (await promisify(execFile)(join(bin, 'kubectl'), args, { env })).stdout;
  };
  return { bin, kubeconfig: runner, api, kubectl };
}

type Start = (name: string, args: readonly string[]) => ChildProcess;

async function startEtcd(folder: string, start: Start): Promise<string> {
  const [client, peer] = [await freePort(), await freePort()].map(
    (port) => `http://127.0.0.1:${port}`,
  );
  drain(
    start('etcd', [
      ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', `${client}`, '--advertise-client-urls', `${client}`],
      ...['--listen-peer-urls', `${peer}`, '--initial-advertise-peer-urls', `${peer}`],
      ...['--initial-cluster', `default=${peer}`],
    ]),
  );
  return `${client}`;
}

async function apiServerArguments(folder: string, etcd: string, port: number): Promise<string[]> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(folder, 'service-account.pem');
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const users = join(folder, 'users.csv');
  const { admin, runner } = tokens;
  await writeFile(users, `${admin},admin,admin,system:masters\n${runner},runner,runner\n`);
  return [
    ...['--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--secure-port', `${port}`],
    ...['--cert-dir', join(folder, 'certificates'), '--token-auth-file', users],
    ...['--service-cluster-ip-range', '10.0.0.0/24', '--endpoint-reconciler-type', 'none'],
    ...['--service-account-issuer', 'https://tests', '--service-account-key-file', key],
    ...['--service-account-signing-key-file', key, '--authorization-mode', 'RBAC'],
    // Nothing makes the accounts that it would look for.
    ...['--disable-admission-plugins', 'ServiceAccount'],
  ];
}

async function writeKubeconfigs(folder: string, port: number): Promise<[string, string]> {
  const write = async (name: keyof typeof tokens) => {
    const path = join(folder, `${name}.json`);
    await writeFile(path, JSON.stringify(kubeconfigOf(port, tokens[name])));
    return path;
  };
  return [await write('admin'), await write('runner')];
}

function kubeconfigOf(port: number, token: string) {
  const cluster = { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tests', cluster }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'tests', context: { cluster: 'tests', user: 'user', namespace: 'farm' } }],
    'current-context': 'tests',
  };
}

async function plantKubectl(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(
    join(bin, 'kubectl'),
    `#!/bin/sh\nexec "${goPrograms.kubernetes}" kubectl "$@"\n`,
  );
  await chmod(join(bin, 'kubectl'), 0o755);
  return bin;
}

/** Its certificate is of its own making. */
async function waitForAnswer(port: number): Promise<void> {
  for (;;) {
    const status = await new Promise<number>((resolve) => {
      const headers = { authorization: `Bearer ${tokens.admin}` };
      const options = { port, path: '/readyz', headers, rejectUnauthorized: false };
      httpsRequest(options, (answer) => resolve(answer.resume().statusCode ?? 0))
        .on('error', () => resolve(0))
        .end();
    });
    if (status === 200) return;
    await pause(200);
  }
}

function drain(child: ChildProcess): void {
  child.stdout?.resume();
  child.stderr?.resume();
}

/** Waits until a program prints something. @returns the first group */
async function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  child.stderr?.resume();
  for (;;) {
    const [chunk]: Buffer[] = await once(child.stdout ?? child, 'data');
    text += chunk;
    const [, found] = pattern.exec(text) ?? [];
    if (found === undefined) continue;
    child.stdout?.resume();
    return found;
  }
}
