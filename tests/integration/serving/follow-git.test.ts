import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildApp, type ServingApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { createFollowedBranch, type FollowedBranch } from '../../helpers/followed-branch.ts';
import { gourds, prices } from '../../helpers/model-repository.ts';
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
  const { server: root, origin } = branch;
  const git = { follow: 'git', followGit: `file://${origin}`, followSeconds: 0 };
  const all = { root, workers: 2, logLevel: 'silent', ...git, ...settings };
  const serving = await buildApp({ config: parseConfig(all), store: openStore(all.root) });
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
const metricOf = async ({ app }: ServingApp, series: string) =>
  (await app.inject('/metrics')).body
    .split('\n')
    .find((line) => line.startsWith(series))
    ?.split(' ')
    .at(-1);

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
    expect(await metricOf(serving, `mainstem_follow_info{branch="main",commit="${commit}"}`)).toBe(
      '1',
    );
    expect(await metricOf(serving, 'mainstem_follow_age_seconds{branch="main"}')).toMatch(/^\d/);
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
