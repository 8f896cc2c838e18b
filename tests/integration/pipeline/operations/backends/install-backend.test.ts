import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import { thisMachine } from '../../../../../pipeline/operations/backends/assert-installable.ts';
import { checkBackend } from '../../../../../pipeline/operations/backends/check-backend.ts';
import { installBackend } from '../../../../../pipeline/operations/backends/install-backend.ts';
import { listBackends } from '../../../../../pipeline/operations/backends/list-backends.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';
import { test } from '../../../../helpers/folder.ts';
import { hasTensorFlow, nativeBackends } from '../../../../helpers/native-backend.ts';

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A registry of npm in the place of the real one. */
async function startRegistry(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Installs into a folder, with npm told to ask somewhere else. */
function install(folder: string, settings: NodeJS.ProcessEnv, stop = new AbortController()) {
  vi.stubEnv('MAINSTEM_BACKENDS', join(folder, 'backends'));
  const workspace = { root: folder, reporter: silentReporter, signal: stop.signal };
  const npm = { npm_config_fetch_retries: '0', npm_config_cache: join(folder, 'npm') };
  const environment = { ...process.env, ...npm, ...settings };
  const machine = { ...thisMachine(), glibc: '2.36', environment };
  return installBackend(workspace, 'tensorflow', { machine });
}

const leftIn = (folder: string) => readdir(join(folder, 'backends'));

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('an installation', () => {
  test('without a network ends with what could not be reached, and leaves nothing', async ({
    folder,
  }) => {
    const nowhere = { npm_config_registry: 'http://127.0.0.1:9' };
    await expect(install(folder, nowhere)).rejects.toMatchObject({
      code: 'BACKEND_INSTALL_FAILED',
      message: expect.stringContaining('cannot be reached'),
      hint: expect.stringContaining('Nothing was kept'),
    });
    expect(await leftIn(folder)).toEqual([]);
  });

  test('of other bytes than the pinned ones is refused, whatever the registry says of them', async ({
    folder,
  }) => {
    await mkdir(join(folder, 'package'));
    await writeFile(join(folder, 'package/package.json'), '{"name":"x","version":"4.22.0"}');
    spawnSync('tar', ['-czf', 'other.tgz', 'package'], { cwd: folder });
    const registry = await startRegistry(async ({ url = '' }, response) => {
      if (url.endsWith('.tgz')) {
        response.end(await readFile(join(folder, 'other.tgz')));
        return;
      }
      const dist = { tarball: `${registry}/other.tgz` };
      const version = { name: '@tensorflow/tfjs-node', version: '4.22.0', dist };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: version.name, versions: { '4.22.0': version } }));
    });
    await expect(install(folder, { npm_config_registry: registry })).rejects.toMatchObject({
      code: 'BACKEND_INSTALL_FAILED',
      message: expect.stringContaining('other bytes than the pinned ones'),
    });
    expect(await leftIn(folder)).toEqual([]);
  });

  test('that is interrupted ends at once and leaves nothing', async ({ folder }) => {
    const stop = new AbortController();
    const registry = await startRegistry(() => stop.abort(new Error('interrupted')));
    const running = install(folder, { npm_config_registry: registry }, stop);
    await expect(running).rejects.toThrow('interrupted');
    expect(await leftIn(folder)).toEqual([]);
  });

  test('without a compiler is not begun', async ({ folder }) => {
    const tools = join(folder, 'tools');
    await mkdir(tools);
    for (const tool of ['npm', 'tar']) await symlink('/bin/true', join(tools, tool));
    await symlink('/bin/true', join(tools, 'python3'));
    await expect(install(folder, { PATH: tools })).rejects.toMatchObject({
      code: 'BACKEND_TOOL_MISSING',
      message: expect.stringContaining('a C++ compiler'),
      hint: expect.stringContaining('apt-get install g++'),
    });
  });
});

/** The installed native part in a folder of its own, outside of the repository, with the libraries by links. */
async function copyNative(folder: string): Promise<string> {
  const [from, to] = [join(nativeBackends, 'tensorflow'), join(folder, 'tensorflow')];
  const libraries = join(from, 'tensorflow');
  await cp(from, to, { recursive: true, filter: (path) => path !== libraries });
  await symlink(libraries, join(to, 'tensorflow'));
  vi.stubEnv('MAINSTEM_BACKENDS', folder);
  return to;
}

describe.skipIf(!hasTensorFlow)('an installed backend (needs `npm run test:setup`)', () => {
  test('works from any folder, and is verified byte by byte', async ({ folder }) => {
    const native = await copyNative(folder);
    expect(await checkBackend('tensorflow')).toMatchObject({
      class: expect.stringMatching(/^tensorflow-2\./),
      works: expect.stringContaining('on the CPU'),
      verified: expect.stringMatching(/^\d+ files$/),
    });
    const kernel = join(native, 'tfjs-node/dist/kernels/Abs.js');
    const before = await readFile(kernel);
    await writeFile(kernel, Buffer.from(before).fill(' ', 0, 10));
    await expect(checkBackend('tensorflow')).rejects.toMatchObject({
      code: 'BACKEND_DAMAGED',
      message: expect.stringContaining('Abs.js'),
    });
  });

  test('is listed with what it lacks once a file of it is gone', async ({ folder }) => {
    const native = await copyNative(folder);
    await rm(join(native, 'binding/tfjs_binding.node'));
    const listed = Object.fromEntries((await listBackends()).map((each) => [each.name, each]));
    expect(listed.tensorflow).toMatchObject({ usable: false, class: null });
    expect(listed.tensorflow?.why).toContain('lacks the file binding/tfjs_binding.node');
    expect(listed.wasm).toMatchObject({ usable: true, chosen: true, deterministic: true });
    await writeFile(join(native, 'native.json'), '{"version":1');
    const [, again] = await listBackends();
    expect(again?.why).toContain('damaged');
  });

  test('is not installed again', async ({ folder }) => {
    vi.stubEnv('MAINSTEM_BACKENDS', nativeBackends);
    const workspace = { root: folder, reporter: silentReporter };
    const signal = new AbortController().signal;
    const there = await installBackend({ ...workspace, signal }, 'tensorflow');
    expect(there).toMatchObject({ name: 'tensorflow', changed: false });
  });
});
