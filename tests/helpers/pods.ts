import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Ends } from './deployment.ts';
import { stopProcess } from './stop-process.ts';

/** The parts of a pod that a node looks at. */
interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly [Container] };
}

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Running {
  readonly child: ChildProcess;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it answers once it is ready; '' before. */
  url: string;
}

const pods = '/api/v1/namespaces/farm/pods';

/**
 * What a node and the network of a cluster do: runs the command of each pod as a process, with the folder `host` as the
 * volume of the releases, says when it is ready, ends it when its pod is gone, and leads the service to what is ready.
 *
 * @returns address of the service `mainstem`
 */
export async function runPods({ api }: Cluster, ends: Ends, host: string): Promise<string> {
  const running = new Map<string, Running>();
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      await mountKeys(api, host);
      await followPods(api, running, host);
      await pause(200);
    }
    await Promise.all([...running.values()].map(({ child }) => stopProcess(child)));
  })();
  const server = createServer(async (incoming, outgoing) => {
    const target = await readyPod(api, running);
    if (!target) return outgoing.writeHead(503).end();
    const { method, headers } = incoming;
    const passed = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    return incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.unshift(async () => {
    ended = true;
    server.close();
    await watching;
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

/** The secret with the keys as a folder, as a node mounts it and follows its changes. */
async function mountKeys(api: string, host: string): Promise<void> {
  const answer = await fetch(`${api}/api/v1/namespaces/farm/secrets/mainstem-keys`);
  if (!answer.ok) return;
  const { data }: { data: Record<string, string> } = await answer.json();
  await mkdir(keysOf(host), { recursive: true });
  for (const [name, content] of Object.entries(data)) {
    const path = join(keysOf(host), name);
    await writeFile(`${path}.new`, Buffer.from(content, 'base64'));
    await rename(`${path}.new`, path);
  }
}

const keysOf = (host: string) => `${host}-keys`;

async function followPods(api: string, running: Map<string, Running>, host: string): Promise<void> {
  const { items }: { items: Pod[] } = await (await fetch(api + pods)).json();
  const names = new Set(items.map(({ metadata }) => metadata.name));
  for (const [name, { child }] of running) {
    if (names.has(name)) continue;
    running.delete(name);
    child.kill('SIGTERM');
  }
  for (const pod of items) {
    if (!running.has(pod.metadata.name)) startPod(api, running, host, pod);
  }
}

/** The ports are any that are free, since all pods are on this machine. */
function startPod(api: string, running: Map<string, Running>, host: string, pod: Pod): void {
  const { name, labels } = pod.metadata;
  const [container] = pod.spec.containers;
  const [mounted, keys] = ['releases', 'keys'].map(
    (volume) => container.volumeMounts.find(({ name }) => name === volume)?.mountPath ?? '',
  );
  const [program = '', ...args] = [...container.command, ...container.args].map((part) =>
    part.startsWith(mounted ?? '') ? join(host, part.slice(mounted?.length)) : part,
  );
  const set = container.env.map((one) => [
    one.name,
    one.name.endsWith('PORT') ? '0' : one.value.replace(`${keys}/`, `${keysOf(host)}/`),
  ]);
  const env = { LOG_LEVEL: 'silent', ...Object.fromEntries(set) };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const entry: Running = { child, labels, url: '' };
  running.set(name, entry);
  child.on('error', () => {});
  child.on('message', async ({ url = '' }: { url?: string }) => {
    const probe = await fetch(new URL(container.readinessProbe.httpGet.path, url));
    if (!probe.ok) return;
    await sayReady(api, name);
    entry.url = url;
  });
}

async function sayReady(api: string, name: string): Promise<void> {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() };
  await fetch(`${api}${pods}/${name}/status`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ status: { phase: 'Running', conditions: [ready] } }),
  });
}

/** Address of a pod that the service selects; null if none is ready. */
async function readyPod(api: string, running: Map<string, Running>): Promise<string | null> {
  const service = await (await fetch(`${api}/api/v1/namespaces/farm/services/mainstem`)).json();
  const selector = Object.entries<string>(service.spec?.selector ?? { none: 'none' });
  const found = [...running.values()].find(
    ({ url, labels }) => url && selector.every(([key, value]) => labels[key] === value),
  );
  return found?.url ?? null;
}
