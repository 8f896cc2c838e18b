import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import { git } from '../../../platform/lib/git.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { createFollowedBranch, type FollowedBranch } from '../../helpers/followed-branch.ts';
import { serveGit } from '../../helpers/git-http.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import { gourds, prices } from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { networkWith, promoteVersion, recordOf, tryVersion } from '../../helpers/versions.ts';

/** The runs of the fixture's first version and of two more. */
const [first, second, third] = ['0123456789ab', 'aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
/** The same network with its classes exchanged: the answer shows which version gave it. */
const turned = { ...gourds, classes: ['small', 'big'] };
let branch: FollowedBranch;
const started: ServingApp[] = [];

beforeEach(async () => {
  branch = await createFollowedBranch(gourds, prices);
  vi.stubEnv('MAINSTEM_REMOTE', branch.remote);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { app } of started.splice(0)) await app.close();
});

async function serve(settings = {}) {
  const git = { follow: 'git', followGit: `file://${branch.origin}`, followSeconds: 0 };
  const serving = await serveModels(branch.server, { workers: 2, ...git, ...settings });
  started.push(serving);
  return serving;
}

const promote = async (run: string, part = turned) =>
  promoteVersion(branch.author, part, { run, network: await networkWith(run) });

const versionOf = async ({ app }: ServingApp) => (await app.inject('/version')).json();
const followed = async (serving: ServingApp) => (await versionOf(serving)).follows;
const served = async (serving: ServingApp) =>
  Object.fromEntries(
    (await versionOf(serving)).models.map((one: { model: string; version: string }) => [
      one.model,
      one.version,
    ]),
  );
const refusedOf = async (serving: ServingApp, name = 'gourds') =>
  (await versionOf(serving)).models.find((one: { model: string }) => one.model === name)?.refused;
const readiness = async ({ app }: ServingApp) => (await app.inject('/readyz')).json();

async function predict({ app }: ServingApp) {
  const answer = await app.inject({ method: 'POST', url: '/predict', payload: { weight: 9 } });
  expect(answer.statusCode).toBe(200);
  const { version, results } = answer.json();
  return { version, class: results[0].class };
}

describe('a server that has nothing but a branch and a remote', () => {
  test('pulls what the branch names, and answers', async () => {
    const serving = await serve();
    expect(await predict(serving)).toEqual({ version: first, class: 'big' });
    const commit = await git(branch.origin, 'rev-parse', 'main');
    expect(await followed(serving)).toMatchObject({ from: 'git', branch: 'main', commit });
    expect(
      await metricOf(serving, metrics.followInfo.name, { branch: 'main', commit: `${commit}` }),
    ).toBe(1);
    expect(
      await metricOf(serving, metrics.followAge.name, { branch: 'main' }),
    ).toBeGreaterThanOrEqual(0);
  });

  test('follows a promotion, a canary, its end and a rollback', async () => {
    const serving = await serve();
    await promote(second);
    const commit = await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toEqual({ version: second, class: 'small' });
    expect(await followed(serving)).toMatchObject({ commit, failure: null });
    const { root } = branch.author;
    const candidate = await recordOf(root, gourds, {
      run: third,
      network: await networkWith(third),
    });
    await tryVersion(root, 'canary', candidate, { share: 1 });
    await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: third });
    await rm(join(root, 'models/gourds/canary.json'));
    await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: second });
    await git(root, 'revert', '--no-edit', commit).catch(() => undefined);
    await git(root, 'checkout', `${commit}~1`, '--', 'models/gourds/production.json');
    await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toEqual({ version: first, class: 'big' });
  });
});

test('promotions that are pushed reach a running server under load, and no request is lost', async () => {
  const serving = await serve({ followSeconds: 0.05, followFetchSeconds: 1 });
  const url = await serving.app.listen({ host: '127.0.0.1', port: 0 });
  const answers: { version: string; class: string }[] = [];
  const failures: unknown[] = [];
  let running = true;
  const client = async () => {
    while (running) await ask(url).then((one) => answers.push(one), failures.push.bind(failures));
  };
  const clients = [client(), client(), client()];
  for (const run of [second, third]) {
    await promote(run);
    await branch.publish();
    await reaches(serving, run);
  }
  await git(branch.author.root, 'checkout', 'HEAD~2', '--', 'models/gourds/production.json');
  await branch.publish();
  await reaches(serving, first);
  running = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([first, second, third]));
  for (const { version, class: answered } of answers)
    expect(answered).toBe(version === first ? 'big' : 'small');
}, 90_000);

async function ask(url: string): Promise<{ version: string; class: string }> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: '{"weight":9}' };
  const response = await fetch(`${url}/predict`, request);
  if (!response.ok) throw new Error(await response.text());
  const { version, results } = await response.json();
  return { version, class: results[0].class };
}

const reaches = (serving: ServingApp, run: string) =>
  expect
    .poll(async () => (await served(serving)).gourds, { timeout: 30_000, interval: 100 })
    .toBe(run);

describe('a remote that is not there', () => {
  test('at the start: the server begins with what it followed last, says so, and goes on when it is there again', async () => {
    const before = await serve();
    await promote(second);
    const commit = await branch.publish();
    await before.follow();
    await before.app.close();
    await rename(branch.origin, `${branch.origin}-away`);
    const serving = await serve();
    expect(await predict(serving)).toMatchObject({ version: second });
    expect(await followed(serving)).toMatchObject({ commit, failure: 'FOLLOW_UNREACHABLE' });
    expect(await readiness(serving)).toEqual({ status: 'ready', branch: 'unseen' });
    await rename(`${branch.origin}-away`, branch.origin);
    await promote(third);
    await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: third });
    expect(await readiness(serving)).toEqual({ status: 'ready' });
  });

  test('at the start of a server that followed nothing yet: the files of its folder serve', async () => {
    await rename(branch.origin, `${branch.origin}-away`);
    const serving = await serve({ root: branch.author.root });
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await followed(serving)).toMatchObject({ commit: null, failure: 'FOLLOW_UNREACHABLE' });
    await rename(`${branch.origin}-away`, branch.origin);
  });

  test('and nothing else to begin with: the server does not start, and says which branch it cannot see', async () => {
    const followGit = `file://${branch.origin}-nowhere`;
    await expect(serve({ followGit })).rejects.toMatchObject({
      code: 'FOLLOW_UNREACHABLE',
      details: { address: followGit, branch: 'main' },
      hint: expect.not.stringMatching(/goes on|looks again/),
    });
  });

  test('later: what serves goes on, and looks that failed are counted', async () => {
    const serving = await serve();
    await rename(branch.origin, `${branch.origin}-away`);
    await serving.follow();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await followed(serving)).toMatchObject({ failure: 'FOLLOW_UNREACHABLE' });
    const failed = { branch: 'main', outcome: 'failed' };
    expect(await metricOf(serving, metrics.followLooks.name, failed)).toBe(2);
    await rename(`${branch.origin}-away`, branch.origin);
    await serving.follow();
    expect(await followed(serving)).toMatchObject({ failure: null });
  });

  test('a branch that vanished takes nothing out of service', async () => {
    const serving = await serve();
    await git(branch.origin, 'update-ref', '-d', 'refs/heads/main');
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await followed(serving)).toMatchObject({ failure: 'FOLLOW_BRANCH_MISSING' });
  });

  test('a server that never answers is given up in time, with all that git started', async () => {
    const { port, sockets } = await listenSilently();
    const serving = await serve({
      root: branch.author.root,
      followGit: `http://127.0.0.1:${port}/origin`,
      followTimeoutSeconds: 5,
    });
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await followed(serving)).toMatchObject({ failure: 'FOLLOW_UNREACHABLE' });
    await expect.poll(() => sockets.every(({ closed }) => closed), { timeout: 10_000 }).toBe(true);
    expect(sockets.length).toBeGreaterThan(0);
  });
});

/** Takes connections and never answers. */
async function listenSilently(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}).resume());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

describe('what a branch may be', () => {
  test('a branch that was pushed by force is followed to where it is now', async () => {
    const serving = await serve();
    const { root } = branch.author;
    await git(root, 'checkout', '--quiet', '--orphan', 'other');
    await promote(second);
    const commit = await branch.publish({ force: true });
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: second });
    expect(await followed(serving)).toMatchObject({ commit });
  });

  test('only pointers and the records that they name are asked for: files and commits that are lost there matter nothing', async () => {
    const { root } = branch.author;
    await git(branch.origin, 'config', 'uploadpack.allowFilter', 'true');
    await writeFile(join(root, 'models/notes.bin'), 'much that no server needs');
    await branch.publish();
    const blob = await git(root, 'rev-parse', 'HEAD:models/notes.bin');
    const parent = await git(root, 'rev-parse', 'HEAD~1');
    for (const id of [blob, parent]) await rm(objectPath(branch.origin, id), { force: true });
    await expect(git(branch.origin, 'fsck')).rejects.toThrow();
    const serving = await serve();
    expect(await predict(serving)).toMatchObject({ version: first });
    await promote(second);
    await git(root, 'add', 'models');
    await branch.pushPackages();
    await git(root, 'commit', '--quiet', '-m', 'Promote');
    await git(root, 'push', '--quiet', 'origin', 'HEAD:main');
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: second });
  });

  test('a repository by HTTP is followed, and a login in its address is shown nowhere', async () => {
    const folder = dirname(branch.origin);
    const url = await serveGit({ folder, login: 'reader:secret-word' });
    const name = basename(branch.origin);
    const followGit = `${url.replace('//', '//reader:secret-word@')}/${name}`;
    const serving = await serve({ followGit });
    expect(await predict(serving)).toMatchObject({ version: first });
    await promote(second);
    await branch.publish();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: second });
    const wrong = serve({ root: branch.server, followGit: followGit.replace('word', 'guess') });
    const error = await wrong.then(
      async (started) => (await versionOf(started)).follows,
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ code: 'FOLLOW_DENIED' });
    expect(JSON.stringify([String(error), error])).not.toContain('secret');
    for (const path of await readdir(branch.server, { recursive: true, withFileTypes: true }))
      expect(path.name).not.toContain('secret');
  });

  test('a server that asks for a login is refused at once: nobody is there to be asked', async () => {
    const url = await serveGit({ folder: dirname(branch.origin), login: 'reader:secret-word' });
    const followGit = `${url}/${basename(branch.origin)}`;
    await expect(serve({ followGit })).rejects.toMatchObject({ code: 'FOLLOW_DENIED' });
  });

  test('neither branches nor index nor files of the repository that it runs in are touched', async () => {
    const { root } = branch.author;
    const stateOf = async () => ({
      refs: await git(root, 'for-each-ref'),
      status: await git(root, 'status', '--porcelain', '--', 'models'),
      git: (await readdir(join(root, '.git'))).sort(),
    });
    await writeFile(join(root, 'models/gourds/notes.txt'), 'not committed');
    const serving = await serve({ root, followGit: 'origin' });
    const before = await stateOf();
    const other = join(branch.server, 'clone');
    await git(branch.server, 'clone', '--quiet', branch.origin, other);
    await git(other, 'rm', '--quiet', '-r', 'models/prices');
    await git(
      other,
      '-c',
      'user.name=T',
      '-c',
      'user.email=t@example.org',
      'commit',
      '-qm',
      'Less',
    );
    await git(other, 'push', '--quiet', 'origin', 'HEAD:main');
    await serving.follow();
    expect(await served(serving)).toEqual({ gourds: first });
    expect(await stateOf()).toEqual(before);
  });
});

const objectPath = (root: string, id: string) => join(root, 'objects', id.slice(0, 2), id.slice(2));

/** Changes the end of the file that holds some text. */
async function damage(folder: string, text: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const at = bytes.indexOf(text);
    if (at < 0) continue;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  }
}

describe('a commit that cannot serve', () => {
  test('a pointer that cannot be read is refused by its name, and other models of the same commit are followed', async () => {
    const serving = await serve();
    const network = await networkWith(second, 'regression');
    await promoteVersion(branch.author, prices, { run: second, network });
    await writeFile(join(branch.author.root, 'models/gourds/production.json'), '{ "version": 1');
    await branch.publish();
    await serving.follow();
    expect(await served(serving)).toEqual({ gourds: first, prices: second });
    expect(await refusedOf(serving)).toMatchObject([
      { channel: 'production', code: 'JSON_INVALID' },
    ]);
    await serving.app.close();
    const again = await serve();
    expect(await served(again)).toEqual({ gourds: first, prices: second });
    expect(await refusedOf(again)).toMatchObject([{ code: 'JSON_INVALID' }]);
  });

  test('a package that the remote lacks is refused with its key, and served once it is there', async () => {
    const serving = await serve();
    await promote(second);
    await branch.publish({ packages: false });
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await refusedOf(serving)).toMatchObject([{ version: second, code: 'REMOTE_MISSING' }]);
    await branch.pushPackages();
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: second });
    expect(await refusedOf(serving)).toBeUndefined();
  });

  test('a server without a remote of the store says that there is none', async () => {
    vi.stubEnv('MAINSTEM_REMOTE', '');
    await expect(serve()).rejects.toMatchObject({ code: 'REMOTE_UNSET' });
  });

  test('a package that is damaged in the remote is not kept', async () => {
    const serving = await serve();
    await promote(second);
    await branch.publish();
    await damage(branch.remote, second);
    await serving.follow();
    expect(await predict(serving)).toMatchObject({ version: first });
    expect(await refusedOf(serving)).toMatchObject([{ version: second, code: 'REMOTE_CORRUPT' }]);
  });

  test('a newer commit does not wait for the packages of another one', async () => {
    const serving = await serve();
    const { port, sockets } = await listenSilently();
    vi.stubEnv('MAINSTEM_REMOTE', `oci://127.0.0.1:${port}/store`);
    const before = await git(branch.author.root, 'rev-parse', 'HEAD');
    await promote(second);
    await branch.publish({ packages: false });
    const slow = serving.follow();
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBeGreaterThan(0);
    await git(branch.author.root, 'checkout', before, '--', 'models');
    const commit = await branch.publish({ packages: false });
    await serving.follow();
    await slow;
    expect(await followed(serving)).toMatchObject({ commit, failure: null });
    expect(await refusedOf(serving)).toBeUndefined();
    expect(await predict(serving)).toMatchObject({ version: first });
  });
});

describe('a branch that somebody wrote by hand', () => {
  const pointer = 'models/gourds/production.json';
  const cases: Record<string, (root: string) => Promise<unknown>> = {
    'a symbolic link in place of a pointer': (root) => link(join(root, pointer)),
    'a symbolic link in place of a record': (root) =>
      link(join(root, `models/gourds/records/${first}.json`)),
    'another repository in place of a pointer': async (root) => {
      await git(root, 'rm', '--quiet', '--cached', pointer);
      await rm(join(root, pointer));
      const commit = await git(root, 'rev-parse', 'HEAD');
      await git(root, 'update-index', '--add', '--cacheinfo', `160000,${commit},${pointer}`);
      await mkdir(join(root, pointer));
    },
    'a pointer of nine megabytes': (root) =>
      writeFile(join(root, pointer), ' '.repeat(9 * 1024 * 1024)),
    'no model at all': (root) => rm(join(root, 'models'), { recursive: true }),
  };
  const link = async (path: string) => {
    await rm(path);
    await symlink('/etc/passwd', path);
  };

  test.each(Object.entries(cases))('%s is refused with the whole commit', async (_, write) => {
    const serving = await serve();
    const before = (await followed(serving)).commit;
    await write(branch.author.root);
    await branch.publish({ packages: false });
    await serving.follow();
    expect(await followed(serving)).toMatchObject({ commit: before, failure: 'FOLLOW_REFUSED' });
    expect(await predict(serving)).toMatchObject({ version: first });
  });

  test('a pointer that names another model, or a run that is a path, is refused, and nothing is written outside', async () => {
    const serving = await serve();
    const { root } = branch.author;
    const found = JSON.parse(await git(root, 'show', `HEAD:${pointer}`));
    for (const [changed, code] of [
      [{ run: second, model: '../../prices' }, 'MODEL_POINTER_FOREIGN'],
      [{ run: '../../../../x' }, 'JSON_INVALID'],
      [{ onnx: 'sha256:../../x' }, 'JSON_INVALID'],
    ] as const) {
      await writeFile(join(root, pointer), JSON.stringify({ ...found, ...changed }));
      await branch.publish({ packages: false });
      await serving.follow();
      expect(await refusedOf(serving)).toMatchObject([{ code }]);
      expect(await predict(serving)).toMatchObject({ version: first });
    }
    expect(await readdir(branch.server)).toEqual(['.mainstem']);
  });
});

describe('git itself', () => {
  test('a machine without git says so at the start, and what to do', async () => {
    vi.stubEnv('PATH', branch.server);
    const error = serve();
    await expect(error).rejects.toMatchObject({ code: 'FOLLOW_GIT_UNUSABLE' });
    await expect(error).rejects.toThrow('there is no git here');
  });

  test('a git that is too old says so, too', async () => {
    const program = join(branch.server, 'git');
    await writeFile(program, '#!/bin/sh\necho git version 2.20.1\n');
    await chmod(program, 0o755);
    vi.stubEnv('PATH', branch.server);
    await expect(serve()).rejects.toThrow('git 2.20.1 is older than 2.31');
  });
});
