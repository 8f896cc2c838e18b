import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { compileBomSchema } from '../../helpers/bom-schema.ts';
import { test } from '../../helpers/folder.ts';
import {
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf } from '../../helpers/photos.ts';

const root = join(import.meta.dirname, '../../..');

let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(pumpkins);
});
afterAll(() => repository.remove());

/** What the Dockerfile copies from the repository into the image that runs. */
async function copiedPaths(): Promise<string[]> {
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  return [...final.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, path = '']) => path);
}

/** The packages that `npm ci --workspace serving --omit=dev` installs, as folders relative to the repository. */
async function servingPackages(): Promise<string[]> {
  const args = ['ls', '--workspace', 'serving', '--omit=dev', '--all', '--parseable'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root });
  const folders = stdout.split('\n').map((path) => relative(root, path));
  return folders.filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
}

/** The image's /app in a folder. @param without a path that is left out */
async function plantImage(folder: string, without = ''): Promise<void> {
  for (const path of await copiedPaths()) {
    if (path === without) continue;
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  for (const path of await servingPackages()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(root, path), join(folder, path));
  }
}

/** Starts the image's server. @returns its address, or null if it ended before it answered */
async function startServer(folder: string, settings: NodeJS.ProcessEnv = {}) {
  const env = {
    ...process.env,
    ...settings,
    MAINSTEM_ROOT: repository.root,
    HOST: '127.0.0.1',
    PORT: '0',
  };
  const child = fork(join(folder, 'serving/server.ts'), {
    ...{ cwd: folder, env: { ...env, LOG_LEVEL: 'silent' }, stdio: 'ignore', execArgv: [] },
  });
  const ended = once(child, 'exit').then(() => null);
  const told = once(child, 'message').then(([message]: { url?: string }[]) => message?.url ?? null);
  const url = await Promise.race([told, ended]);
  return { url, stop: async () => void (child.kill('SIGTERM') && (await ended)) };
}

test('the server answers from a tree of exactly what the container copies', async ({ folder }) => {
  await plantImage(folder);
  const server = await startServer(folder);
  expect(server.url).not.toBeNull();
  const response = await fetch(`${server.url}/predict`, {
    method: 'POST',
    body: await photoOf('bad'),
    headers: { 'content-type': 'image/jpeg' },
  });
  expect(await response.json()).toMatchObject({ results: [{ class: 'bad' }] });
  expect((await fetch(`${server.url}/`)).status).toBe(200);
  await server.stop();
});

test('a start finds compiled what the image compiled before', async ({ folder }) => {
  await plantImage(folder);
  const settings = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const filesKept = async () =>
    (await readdir(settings.NODE_COMPILE_CACHE, { recursive: true })).length;
  const { status } = spawnSync(process.execPath, [join(folder, 'serving/compile.ts')], {
    env: { ...process.env, ...settings },
  });
  expect(status).toBe(0);
  const before = await filesKept();
  const server = await startServer(folder, settings);
  expect(server.url).not.toBeNull();
  await server.stop();
  expect((await filesKept()) - before).toBeLessThan(before / 20);
});

test('the image compiles as the user that it runs as, for whom alone it is kept', async () => {
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  expect(dockerfile).toMatch(/^USER node\nRUN node serving\/compile\.ts$/m);
});

describe('every folder that the container copies is needed', async () => {
  const folders = (await copiedPaths()).filter((path) => !path.endsWith('.json'));
  test.for(folders)('without %s the server does not start', async (path, { folder }) => {
    await plantImage(folder, path);
    const server = await startServer(folder);
    await server.stop();
    expect(server.url).toBeNull();
  });
});

test('the bill of materials of the image is valid, and names what the image installs and nothing else', async () => {
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  expect(dockerfile).toContain('COPY --from=packages /app/sbom.cdx.json ./');
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const installed = (await servingPackages()).filter((path) => !packages[path].link);
  // As npm notes in node_modules/.package-lock.json what it has installed.
  const noted = Object.fromEntries(installed.map((path) => [path, packages[path]]));
  const program = join(root, 'infra/container/write-sbom.js');
  const input = JSON.stringify({ packages: { ...noted, serving: { version: '1.0.0' } } });
  const written = spawnSync(process.execPath, [program], { input, encoding: 'utf8' });
  expect(written.stderr).toBe('');
  const bill: { components: { name: string; hashes?: object[] }[] } = JSON.parse(written.stdout);
  expect(compileBomSchema('1.6').Errors(bill)).toEqual([true, []]);
  const names = bill.components.map(({ name }) => `node_modules/${name}`);
  expect(names.toSorted()).toEqual(installed.toSorted());
  expect(bill.components.every(({ hashes }) => hashes?.length === 1)).toBe(true);
});
