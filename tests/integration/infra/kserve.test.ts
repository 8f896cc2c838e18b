import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { GRPCInferenceService } from '../../../serving/grpc/inference_pb.ts';
import { bearer, makeKey } from '../../helpers/access-keys.ts';
import { test } from '../../helpers/folder.ts';
import { connectGrpc } from '../../helpers/grpc-client.ts';
import { kubernetes } from '../../helpers/kustomize.ts';
import { createModelRepository, pumpkins } from '../../helpers/model-repository.ts';

const server = join(import.meta.dirname, '../../../serving/server.ts');
const commit = '0123456789abcdef0123456789abcdef01234567';

/** What a server tells whoever started it. */
interface Told {
  readonly url?: string;
  readonly grpc?: string;
  readonly error?: { readonly code: string };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The volume of the releases: a release whose store is a link to the one that all share. */
async function layVolume(volume: string): Promise<void> {
  const models = await createModelRepository(pumpkins);
  onTestFinished(models.remove);
  const release = join(volume, commit);
  await mkdir(join(release, '.mainstem'), { recursive: true });
  await cp(join(models.root, 'models'), join(release, 'models'), { recursive: true });
  await cp(join(models.root, '.mainstem/store'), join(volume, 'store'), { recursive: true });
  await symlink('../../store', join(release, '.mainstem/store'));
}

/** The container that KServe makes of runtime and service: the service's variables win. */
async function readContainer() {
  const read = async (name: string) =>
    parse(await readFile(join(kubernetes, 'kserve', name), 'utf8')).spec;
  const [container] = (await read('serving-runtime.yaml')).containers;
  const { env } = (await read('inference-service.yaml')).predictor.model;
  const merged: Variable[] = [...container.env, ...env];
  return { ...container, env: Object.fromEntries(merged.map(({ name, value }) => [name, value])) };
}

/** Starts it with folders of this machine in place of the mounted ones, on free ports. */
async function startContainer(env: Record<string, string>, mounts: Record<string, string>) {
  const here = (value: string) =>
    Object.entries(mounts).reduce(
      (text, [path, folder]) => text.replace(path, folder),
      value.replace('RELEASE_COMMIT', commit),
    );
  const set = Object.entries(env).map(([name, value]) => [name, here(value)]);
  const child = fork(server, {
    env: { ...Object.fromEntries(set), PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'silent' },
    ...{ execArgv: [], stdio: 'ignore' },
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => void (child.kill('SIGTERM') && (await ended)));
  const told = once(child, 'message').then(([message]: Told[]) => message);
  return Promise.race([told, ended.then((): Told => ({}))]);
}

test('the runtime, as KServe starts it, is ready at its probe and answers both forms of the protocol to who has a key', async ({
  folder,
}) => {
  const volume = join(folder, 'volume');
  await layVolume(volume);
  const key = makeKey('caller');
  await writeJson(join(folder, 'keys/keys.json'), { version: 1, keys: [key.entry] });
  const { env, readinessProbe, livenessProbe } = await readContainer();
  const mounts = { '/mnt/models': volume, '/etc/mainstem': join(folder, 'keys') };
  const started = await startContainer(env, mounts);
  expect(started).not.toHaveProperty('error');
  const { port } = new URL(started?.url ?? '');
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;

  for (const { httpGet } of [readinessProbe, livenessProbe])
    expect((await fetch(at(httpGet.path))).status).toBe(200);
  expect((await fetch(at('/v2/models/pumpkins'))).status).toBe(401);

  const headers = { ...bearer(key.text), 'content-type': 'application/json' };
  const metadata = await (await fetch(at('/v2/models/pumpkins'), { headers })).json();
  const [{ name, datatype, shape }] = metadata.inputs;
  const sizes: number[] = shape.map((size: number) => Math.max(1, size));
  const data = Array.from({ length: sizes.reduce((a, b) => a * b) }, () => 0.5);
  const inputs = [{ name, datatype, shape: sizes, data }];
  const answer = await fetch(at('/v2/models/pumpkins/infer'), {
    ...{ method: 'POST', headers, body: JSON.stringify({ inputs }) },
  });
  expect(answer.status).toBe(200);

  const client = connectGrpc(`127.0.0.1:${started?.grpc?.split(':').at(-1)}`);
  onTestFinished(client.close);
  const { serverReady, modelReady } = GRPCInferenceService.method;
  expect(await client.call(serverReady, {})).toMatchObject({ ready: true });
  const asked = { name: 'pumpkins' };
  expect(await client.call(modelReady, asked, { headers: bearer(key.text) })).toMatchObject({
    ready: true,
  });
});

test('without the secret with keys the runtime does not start, and without its release neither', async ({
  folder,
}) => {
  const volume = join(folder, 'volume');
  await layVolume(volume);
  const { env } = await readContainer();
  const mounts = { '/mnt/models': volume, '/etc/mainstem': join(folder, 'keys') };
  const start = () => startContainer(env, mounts);
  expect(await start()).toMatchObject({ error: { code: 'ACCESS_KEYS_REQUIRED' } });

  await writeJson(join(folder, 'keys/keys.json'), { version: 1, keys: [makeKey('caller').entry] });
  await rm(join(volume, 'store'), { recursive: true });
  expect(await start()).toMatchObject({ error: { code: 'STORE_MISSING' } });
});
