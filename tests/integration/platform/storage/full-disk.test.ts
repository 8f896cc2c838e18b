import { execFile } from 'node:child_process';
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import {
  checkStore,
  collectReferences,
  lockProject,
  openStore,
  readLock,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

const script = join(import.meta.dirname, '../../../fixtures/data-commands.ts');

/*
 * A full disk, in a way that works everywhere: a limit on the size of files (`ulimit -f`), at which writing ends half-way
 * with EFBIG. Where a small file system of our own may be mounted, the real thing (ENOSPC) is tried as well.
 */

interface Ended {
  readonly code: number;
  readonly said: { readonly code?: string; readonly path?: string };
}

function runShell(line: string, ...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile('bash', ['-c', line, 'bash', ...args], (error, stdout) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      done({ code, said: JSON.parse(stdout || '{}') });
    });
  });
}

let original: DataRepository;
let remote = '';
let digest: string | undefined;
const folders: string[] = [];

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-full-'));
  folders.push(folder);
  return folder;
}

beforeAll(async () => {
  original = await createDataRepository();
  const random = createRandom('full disk');
  const photo = (bytes: number) => Uint8Array.from({ length: bytes }, () => random.int(256));
  for (const name of ['apple/1.jpg', 'apple/2.jpg', 'pear/1.jpg', 'pear/2.jpg']) {
    await original.write({ [name]: photo(90_000) });
  }
  await original.write({ 'pear/large.jpg': photo(1_100_000) });
  remote = join(await temporary(), 'remote');
  const lock = await lockProject(original.workspace, original.store, original.project);
  digest = lock.datasets.fruit?.digest;
  const pushed = await runShell(
    'exec "$@"',
    process.execPath,
    script,
    original.root,
    remote,
    'push',
  );
  expect(pushed.code).toBe(0);
});
afterAll(async () => {
  await original.remove();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A copy of the repository with what a command has to make again taken away. */
async function copyFor(command: string): Promise<{ root: string; to: string }> {
  const folder = await temporary();
  const [root, to] = [join(folder, 'repository'), join(folder, 'remote')];
  await cp(original.root, root, { recursive: true, preserveTimestamps: true });
  if (command !== 'push') await cp(remote, to, { recursive: true });
  if (command === 'checkout') await rm(join(root, 'data'), { recursive: true });
  if (command === 'lock' || command === 'pull')
    await rm(join(root, '.mainstem'), { recursive: true });
  return { root, to };
}

async function temporaryFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.tmp(\/|$)/.test(name) || name.includes('/locks/'));
}

async function expectWhole(root: string): Promise<void> {
  const workspace = { ...original.workspace, root };
  const store = openStore(root);
  const lock = await readLock(root);
  expect(lock.datasets.fruit?.digest).toBe(digest);
  const references = await collectReferences(store, { root, lock });
  const options = { references, now: Date.now(), repair: false };
  expect(await checkStore(workspace, store, options)).toMatchObject({
    findings: [],
    leftovers: [],
  });
}

describe('a file that cannot be written to its end', () => {
  test.each(['lock', 'push', 'pull', 'checkout', 'put'])(
    '%s leaves nothing behind, names the file and the system’s reason, and works once there is room',
    async (command) => {
      const { root, to } = await copyFor(command);
      const args = [process.execPath, script, root, to, command];
      const failed = await runShell('ulimit -f 80; exec "$@"', ...args);
      expect(failed).toMatchObject({ code: 1, said: { code: 'EFBIG' } });
      if (command !== 'push') expect(failed.said.path).toContain(root);
      expect(await temporaryFiles(root)).toEqual([]);
      expect(command === 'push' ? [] : await temporaryFiles(to)).toEqual([]);
      expect((await runShell('exec "$@"', ...args)).code).toBe(0);
      await expectWhole(root);
    },
  );

  test('a cache that cannot be written costs time and nothing else', async () => {
    const { root, to } = await copyFor('status');
    await rm(join(root, '.mainstem', 'stat-cache'), { recursive: true });
    const args = [process.execPath, script, root, to, 'status'];
    expect(await runShell('ulimit -f 0; exec "$@"', ...args)).toMatchObject({
      code: 0,
      said: [{ state: 'clean', missing: [] }],
    });
    expect(await temporaryFiles(root)).toEqual([]);
  });
});

/** Runs a line in a mount namespace with 1 MiB of file system at the folder `$1`. */
const mounted = 'mount -t tmpfs -o size=1m none "$1" && shift &&';
const canMount = (await runShell(`unshare -rm bash -c '${mounted} true' bash /mnt`)).code === 0;

describe.skipIf(!canMount)('a disk that is full (needs leave to mount a file system)', () => {
  test('lock leaves nothing on it, and says so', async () => {
    const { root, to } = await copyFor('lock');
    await mkdir(join(root, '.mainstem'));
    const line = `unshare -rm bash -c '${mounted} { "$@"; code=$?; find "$0/.mainstem" -name "*.tmp" >&2; exit $code; }' "$@"`;
    const args = [root, join(root, '.mainstem'), process.execPath, script, root, to, 'lock'];
    const ended = await runShell(`${line} 2>"$1/left"`, ...args);
    expect(ended).toMatchObject({ code: 1, said: { code: 'ENOSPC' } });
    expect(ended.said.path).toContain('.mainstem/store');
    expect(await readFile(join(root, 'left'), 'utf8')).toBe('');
  });
});

describe.skipIf(process.getuid?.() === 0 && !canMount)('a .mainstem that may only be read', () => {
  test.each(['status', 'checkout'])('%s works without its cache', async (command) => {
    const { root, to } = await copyFor(command);
    const state = join(root, '.mainstem');
    await appendFile(join(root, '.git/info/exclude'), '/left\n');
    await rm(join(state, 'stat-cache'), { recursive: true });
    const args = [process.execPath, script, root, to, command];
    const bound = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';
    const ended = canMount
      ? await runShell(`unshare -rm bash -c '${bound}' bash "$@"`, state, ...args)
      : await readOnly(state, () => runShell('exec "$@"', ...args));
    expect(ended.code, JSON.stringify(ended)).toBe(0);
    const store = openStore(root);
    const workspace = { ...original.workspace, root };
    const [status] = await readStatus(workspace, store, await readLock(root), original.project);
    expect(status).toMatchObject({ state: 'clean', missing: [] });
  });
});

async function readOnly(folder: string, work: () => Promise<Ended>): Promise<Ended> {
  await chmod(folder, 0o500);
  return work().finally(() => chmod(folder, 0o700));
}
