import { generateKeyPairSync } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { publish } from '../../../pipeline/operations/publish.ts';
import { publishNewer } from '../../../pipeline/operations/publish-newer.ts';
import { git } from '../../../platform/lib/git.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { parsePrivateKey, servedKey, signServed } from '../../../platform/registry/index.ts';
import { openRemote, openStore, type Remote } from '../../../platform/storage/index.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { createFollowedBranch, type FollowedBranch } from '../../helpers/followed-branch.ts';
import { gourds } from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';
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
  const serving = await serveModels(branch.server, { workers: 2, ...follow, ...settings });
  started.push(serving);
  return serving;
}

async function publishTo(address: string, { revision = 'HEAD', now = new Date() } = {}) {
  return publish(await toPublish(address, { revision, now }));
}

async function toPublish(address: string, { revision = 'HEAD', now = new Date() } = {}) {
  const { root } = branch.author;
  const workspace = { root, reporter: silentReporter, signal: AbortSignal.any([]) };
  const remote = await openRemote(root, { option: address, environment: process.env });
  const transfer = { workspace, store: openStore(root), remote };
  return { transfer, branch: 'main', revision, privateKey: pair.privateKey, now: () => now };
}

/** As a workflow does after each merge. */
async function reconcileTo(address: string, changed = {}) {
  const { publicKey } = pair;
  const options = await toPublish(address);
  return publishNewer({ ...options, publicKey, fetch: async () => {}, ...changed });
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
    await planted(`[${'[],'.repeat(5_000_000)}[]]`, later + 2);
    await serving.follow();
    expect(await predict(serving)).toBe(first);
    expect(await follows(serving)).toMatchObject({ failure: 'FOLLOW_UNSIGNED' });
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

  test('a number that somebody has used up, or taken at the same moment, stops nobody', async () => {
    await publishTo(branch.remote, { now: new Date(1000) });
    const serving = await serve(branch.remote);
    const promoted = await promote(second);
    const file = join(branch.server, 'planted');
    await writeFile(file, 'nonsense');
    const options = await toPublish(branch.remote, { now: new Date(2000) });
    const { remote } = options.transfer;
    await remote.upload(servedKey('main', 999_999_999_999_999), file);
    let taken = 0;
    /** Keeps what came first, as a bucket does, and somebody else was a moment earlier. */
    const busy: Remote = {
      ...remote,
      async upload(key, from) {
        if (key.startsWith('serving/') && taken++ === 0) return remote.upload(key, file);
        await remote.upload(key, from);
      },
    };
    const transfer = { ...options.transfer, remote: busy };
    const { key } = await publish({ ...options, transfer });
    expect([key, taken]).toEqual([servedKey('main', 2001), 2]);
    await serving.follow();
    expect(await follows(serving)).toMatchObject({ commit: promoted, failure: null });
    taken = 0;
    const always: Remote = { ...remote, upload: (key) => remote.upload(key, file) };
    const refused = publish({ ...options, transfer: { ...transfer, remote: always } });
    await expect(refused).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
  });
});

describe('publishing after each merge', () => {
  test('publishes a promotion and its revert once, and nothing older than what is published', async () => {
    const { root } = branch.author;
    const before = await git(root, 'rev-parse', 'HEAD');
    expect(await reconcileTo(branch.remote)).toMatchObject({ state: 'published', commit: before });
    const promoted = await promote(second);
    const published = await reconcileTo(branch.remote);
    expect(published).toMatchObject({ state: 'published', commit: promoted });
    expect(await reconcileTo(branch.remote)).toEqual({ ...published, state: 'unchanged' });
    const late = { commit: before, state: 'outdated', document: published.document };
    expect(await reconcileTo(branch.remote, { revision: before })).toEqual(late);

    const serving = await serve(branch.remote);
    expect(await predict(serving)).toBe(second);
    await git(root, 'revert', '--no-edit', promoted);
    expect(await reconcileTo(branch.remote)).toMatchObject({ state: 'published' });
    await serving.follow();
    expect(await predict(serving)).toBe(first);
    const other = await branch.publish({ packages: false });
    expect(await reconcileTo(branch.remote)).toMatchObject({ state: 'unchanged', commit: other });
  });

  test('a commit that the checkout lacks is fetched before it counts as gone', async () => {
    const { root } = branch.author;
    const before = await git(root, 'rev-parse', 'HEAD');
    await promote(second);
    await reconcileTo(branch.remote);
    const clone = join(branch.server, 'clone');
    await git(branch.server, 'init', '--quiet', clone);
    await git(clone, 'remote', 'add', 'origin', `file://${root}`);
    await git(clone, 'fetch', '--quiet', '--depth=1', 'origin', before);
    await git(clone, 'reset', '--quiet', '--hard', before);
    const options = await toPublish(branch.remote, { revision: before });
    const workspace = { ...options.transfer.workspace, root: clone };
    const transfer = { ...options.transfer, workspace };
    const asked: string[] = [];
    const fetch = async (commit: string) => {
      asked.push(commit);
      await git(clone, 'fetch', '--quiet', '--unshallow', 'origin', commit);
    };
    expect(await reconcileTo(branch.remote, { transfer, revision: before, fetch })).toMatchObject({
      state: 'outdated',
    });
    expect(asked).toHaveLength(1);
  });

  test('history that was rewritten is published, and so is what another key has signed', async () => {
    const { root } = branch.author;
    await reconcileTo(branch.remote);
    await promote(second);
    await git(root, 'checkout', '--quiet', '--orphan', 'other');
    const rewritten = await branch.publish({ packages: false, force: true });
    const published = { state: 'published', commit: rewritten };
    expect(await reconcileTo(branch.remote)).toMatchObject(published);
    expect(await reconcileTo(branch.remote, makePair())).toMatchObject(published);
    expect(await reconcileTo(branch.remote)).toMatchObject({ state: 'unchanged' });
  });

  test('documents may lie in another remote than the networks', async () => {
    const documents = await openRemote(branch.author.root, {
      ...{ option: `${branch.remote}-documents`, environment: {} },
    });
    try {
      const { document } = await reconcileTo(branch.remote, { documents });
      expect(await documents.list('serving/')).toEqual([document]);
      expect(await documents.list('')).toEqual([]);
      const serving = await serve(branch.remote, { followRemote: documents.address });
      expect(await predict(serving)).toBe(first);
    } finally {
      await rm(`${branch.remote}-documents`, { recursive: true });
    }
  });

  test('a branch without a model in production is left alone', async () => {
    const { root } = branch.author;
    await git(root, 'rm', '-q', 'models/gourds/production.json');
    await branch.publish({ packages: false });
    expect(await reconcileTo(branch.remote)).toMatchObject({ state: 'unchanged', document: '' });
  });

  test('without the key, or with half of another pair, nothing is written', async () => {
    const refused = [
      ['PUBLISH_KEY_MISSING', { privateKey: ' \n' }],
      ['PUBLISH_KEY_OTHER', { privateKey: makePair().privateKey }],
      ['FOLLOW_KEY_INVALID', { privateKey: pair.publicKey }],
      ['FOLLOW_KEY_INVALID', { publicKey: 'nonsense' }],
    ] as const;
    for (const [code, changed] of refused)
      await expect(reconcileTo(branch.remote, changed)).rejects.toMatchObject({ code });
    const { transfer } = await toPublish(branch.remote);
    expect(await transfer.remote.list('serving/')).toEqual([]);
  });
});
