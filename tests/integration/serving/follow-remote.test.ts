import { generateKeyPairSync } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { publish } from '../../../pipeline/operations/publish.ts';
import { git } from '../../../platform/lib/git.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { parsePrivateKey, servedKey, signServed } from '../../../platform/registry/index.ts';
import { openRemote, openStore } from '../../../platform/storage/index.ts';
import { buildApp, type ServingApp } from '../../../serving/app.ts';
import { parseConfig } from '../../../serving/config.ts';
import { createFollowedBranch, type FollowedBranch } from '../../helpers/followed-branch.ts';
import { gourds } from '../../helpers/model-repository.ts';
import {
  createBucket,
  debianRegistry,
  gofakes3,
  goRegistry,
  localCredentials,
  type Server,
} from '../../helpers/servers.ts';
import { networkWith, promoteVersion } from '../../helpers/versions.ts';

const [first, second] = ['0123456789ab', 'aaaaaaaaaaaa'];
const turned = { ...gourds, classes: ['small', 'big'] };

const makePair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
};
const pair = makePair();
let branch: FollowedBranch;
const started: ServingApp[] = [];

beforeEach(async () => {
  branch = await createFollowedBranch(gourds);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { app } of started.splice(0)) await app.close();
});

async function serve(address: string, settings = {}) {
  vi.stubEnv('MAINSTEM_REMOTE', address);
  const follow = { follow: 'remote', followKey: pair.publicKey, followSeconds: 0 };
  const all = { root: branch.server, workers: 2, logLevel: 'silent', ...follow, ...settings };
  const serving = await buildApp({ config: parseConfig(all), store: openStore(all.root) });
  started.push(serving);
  return serving;
}

async function publishTo(address: string, { revision = 'HEAD', now = new Date() } = {}) {
  const { root } = branch.author;
  const workspace = { root, reporter: silentReporter, signal: AbortSignal.any([]) };
  const remote = await openRemote(root, { option: address, environment: process.env });
  const transfer = { workspace, store: openStore(root), remote };
  const { privateKey } = pair;
  return publish({ transfer, branch: 'main', revision, privateKey, now: () => now });
}

async function promote(run: string) {
  await promoteVersion(branch.author, turned, { run, network: await networkWith(run) });
  return branch.publish({ packages: false });
}

const follows = async ({ app }: ServingApp) => (await app.inject('/version')).json().follows;

async function predict({ app }: ServingApp) {
  const answer = await app.inject({ method: 'POST', url: '/predict', payload: { weight: 9 } });
  return answer.json().version;
}

const kinds: readonly {
  readonly name: string;
  readonly found: boolean;
  start(): Promise<Server | null>;
  address(server: Server | null): Promise<string>;
}[] = [
  {
    ...{ name: 'a folder', found: true, start: async () => null },
    address: async () => join(branch.server, '../', `${branch.server}-remote`),
  },
  ...[debianRegistry, goRegistry].map((registry) => ({
    ...{ name: registry.name, found: registry.found, start: () => registry.start() },
    address: async (server: Server | null) => `oci://${new URL(server?.url ?? '').host}/jen/store`,
  })),
  {
    ...{ name: gofakes3.name, found: gofakes3.found, start: gofakes3.start },
    async address(server) {
      for (const [name, value] of Object.entries(localCredentials)) vi.stubEnv(name, value);
      await createBucket(server?.url ?? '', 'farm');
      return `s3://farm/store?endpoint=${server?.url}`;
    },
  },
];

for (const { name, found, start, address } of kinds)
  describe.skipIf(!found)(`what is published in ${name}`, () => {
    test('is pulled, answers, and is followed: a promotion and the way back', async () => {
      const server = await start();
      try {
        const remote = await address(server);
        const { commit } = await publishTo(remote);
        const serving = await serve(remote);
        expect(await predict(serving)).toBe(first);
        expect(await follows(serving)).toMatchObject({ from: 'remote', branch: 'main', commit });
        const promoted = await promote(second);
        await serving.follow();
        expect(await predict(serving)).toBe(first);
        await publishTo(remote);
        await serving.follow();
        expect(await predict(serving)).toBe(second);
        expect(await follows(serving)).toMatchObject({ commit: promoted, failure: null });
        await publishTo(remote, { revision: commit });
        await serving.follow();
        expect(await predict(serving)).toBe(first);
      } finally {
        await server?.stop();
        await rm(`${branch.server}-remote`, { recursive: true, force: true });
      }
    });
  });

describe('what somebody else writes into the remote', () => {
  const planted = async (text: string, sequence: number) => {
    const file = join(branch.server, 'planted');
    await writeFile(file, text);
    const remote = await openRemote(branch.author.root, { option: branch.remote, environment: {} });
    await remote.upload(servedKey('main', sequence), file);
    await rm(file);
  };
  const later = Date.now() + 3_600_000;

  test('counts for nothing, and is reported; what is published after it is followed', async () => {
    await publishTo(branch.remote);
    const serving = await serve(branch.remote);
    const promoted = await promote(second);
    const document = { branch: 'main', sequence: later, commit: promoted, files: new Map() };
    await planted(signServed(document, parsePrivateKey(makePair().privateKey)), later);
    await planted('nonsense', later + 1);
    await serving.follow();
    expect(await predict(serving)).toBe(first);
    expect(await follows(serving)).toMatchObject({ failure: 'JSON_INVALID' });
    await publishTo(branch.remote);
    await serving.follow();
    expect(await predict(serving)).toBe(second);
    expect(await follows(serving)).toMatchObject({ commit: promoted, failure: null });
  });

  test('an old document under a new number is not followed', async () => {
    const { commit } = await publishTo(branch.remote);
    const privateKey = parsePrivateKey(pair.privateKey);
    const old = signServed({ branch: 'main', sequence: 5, commit, files: new Map() }, privateKey);
    const serving = await serve(branch.remote);
    await planted(old, later);
    await serving.follow();
    expect(await follows(serving)).toMatchObject({ failure: 'FOLLOW_UNSIGNED' });
    expect(await predict(serving)).toBe(first);
  });

  test('after a restart nothing from before is followed, though what came later was removed', async () => {
    const old = await publishTo(branch.remote, { now: new Date(1000) });
    const promoted = await promote(second);
    const newer = await publishTo(branch.remote, { now: new Date(2000) });
    const serving = await serve(branch.remote);
    expect(await predict(serving)).toBe(second);
    await serving.app.close();
    await rm(join(branch.remote, newer.key));
    const again = await serve(branch.remote);
    expect(await predict(again)).toBe(second);
    expect(await follows(again)).toMatchObject({ commit: promoted, failure: 'FOLLOW_UNPUBLISHED' });
    expect(old.key < newer.key).toBe(true);
  });
});

describe('a remote that is not there', () => {
  test('at the start and later: what was followed last goes on', async () => {
    await publishTo(branch.remote);
    const serving = await serve(branch.remote);
    await rename(branch.remote, `${branch.remote}-away`);
    await serving.follow();
    expect(await predict(serving)).toBe(first);
    await serving.app.close();
    const again = await serve(branch.remote);
    expect(await predict(again)).toBe(first);
    await rename(`${branch.remote}-away`, branch.remote);
    await again.follow();
    expect(await follows(again)).toMatchObject({ failure: null });
  });

  test('a remote in which nothing was published says so', async () => {
    await expect(serve(branch.remote)).rejects.toMatchObject({ code: 'FOLLOW_UNPUBLISHED' });
  });

  test('without a key to verify by, nothing is followed', async () => {
    const start = serve(branch.remote, { followKey: '' });
    await expect(start).rejects.toMatchObject({ code: 'SERVING_CONFIG_INVALID' });
    const other = serve(branch.remote, { followKey: 'nonsense' });
    await expect(other).rejects.toMatchObject({ code: 'FOLLOW_KEY_INVALID' });
  });
});

describe('publishing', () => {
  test('a clock that is behind publishes what is read all the same, and old documents go', async () => {
    for (let at = 9; at > 0; at--) await publishTo(branch.remote, { now: new Date(at) });
    const remote = await openRemote(branch.author.root, { option: branch.remote, environment: {} });
    const keys = await remote.list('serving/');
    expect(keys).toEqual([13, 14, 15, 16, 17].map((sequence) => servedKey('main', sequence)));
  });

  test('only what is committed is published', async () => {
    const { root } = branch.author;
    await promoteVersion(branch.author, turned, {
      run: second,
      network: await networkWith(second),
    });
    const { commit } = await publishTo(branch.remote);
    expect(commit).toBe(await git(root, 'rev-parse', 'HEAD'));
    const serving = await serve(branch.remote);
    expect(await predict(serving)).toBe(first);
  });

  test('a pointer whose network or record is nowhere is not published', async () => {
    await promote(second);
    await rm(join(branch.author.root, '.mainstem/store'), { recursive: true });
    await expect(publishTo(branch.remote)).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await git(branch.author.root, 'rm', '-q', `models/gourds/records/${second}.json`);
    await branch.publish({ packages: false });
    await expect(publishTo(branch.remote)).rejects.toMatchObject({ code: 'MODEL_RECORD_MISSING' });
  });
});
