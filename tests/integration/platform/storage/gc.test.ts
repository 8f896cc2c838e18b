import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import type { Digest } from '../../../../platform/lib/hash.ts';
import { servedKey } from '../../../../platform/registry/index.ts';
import type { DataLock } from '../../../../platform/schemas/index.ts';
import {
  checkRemote,
  collectGarbage,
  collectReferences,
  collectRemoteGarbage,
  createFolderRemote,
  lockProject,
  openStore,
  pull,
  push,
  type Remote,
  readLock,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

const run = promisify(execFile);
const dayMs = 24 * 3_600_000;
const photo = (text: string) => Buffer.alloc(50_000, text);

let farm: DataRepository;
beforeEach(async () => {
  farm = await createDataRepository();
});
afterEach(() => farm.remove());

/** Locks what lies there, commits it, and returns the lock. */
async function commitData(
  files: Readonly<Record<string, string | Uint8Array>>,
  message = 'More data',
): Promise<DataLock> {
  await run('rm', ['-rf', farm.path('.')]);
  await farm.write(files);
  const lock = await lockProject(farm.workspace, farm.store, farm.project);
  await farm.commit(message);
  return lock;
}

async function neededBy(lock: DataLock): Promise<Digest[]> {
  const { blobs } = await collectReferences(farm.store, { root: farm.root, lock });
  return [...blobs.keys()];
}

async function missingIn(digests: readonly Digest[], store = openStore(farm.root)) {
  const there = await Promise.all(digests.map((digest) => store.has(digest)));
  return digests.filter((_, at) => !there[at]);
}

/** As if everything in the store had been written a month ago. */
async function ageStore(): Promise<void> {
  const old = new Date(Date.now() - 30 * dayMs);
  const entries = await readdir(farm.store.folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    await utimes(join(entry.parentPath, entry.name), old, old);
  }
}

/** Forgets a branch with its reflog, as git's own gc would. */
async function forgetBranch(name: string): Promise<void> {
  await git(farm.root, 'branch', '-qD', name);
  await git(farm.root, 'reflog', 'expire', '--expire=now', '--all');
}

const gc = (remove = true, graceMs = 14 * dayMs) =>
  collectGarbage(farm.workspace, farm.store, { now: Date.now(), graceMs, remove });

describe('gc of the store', () => {
  const base = { 'apple/1.jpg': photo('a'), 'pear/1.jpg': photo('b') };

  test('keeps what a branch, tag, stash, worktree or working tree needs', async () => {
    const first = await commitData(base);
    await git(farm.root, 'tag', 'harvest-1');
    await git(farm.root, 'switch', '-qc', 'side');
    const side = await commitData({ ...base, 'pear/side.jpg': photo('side') });
    await git(farm.root, 'switch', '-q', 'main');
    const worktree = join(farm.root, '.mainstem', 'worktree');
    await git(farm.root, 'worktree', 'add', '-q', '--detach', worktree, 'side');
    await forgetBranch('side').catch(() => undefined);
    await farm.write({ 'pear/stashed.jpg': photo('stashed') });
    const stashed = await lockProject(farm.workspace, farm.store, farm.project);
    await git(farm.root, 'stash', '-q');
    await farm.write({ 'pear/uncommitted.jpg': photo('uncommitted') });
    const uncommitted = await lockProject(farm.workspace, farm.store, farm.project);
    await ageStore();
    const needed = [first, side, stashed, uncommitted];
    expect(await gc()).toMatchObject({ blobs: 0 });
    for (const lock of needed) expect(await missingIn(await neededBy(lock))).toEqual([]);
  });

  test('deletes what no commit needs any more, and only with leave', async () => {
    const kept = await commitData(base);
    await git(farm.root, 'switch', '-qc', 'mistake');
    const large = Buffer.alloc(1_500_000, 1);
    const mistake = await commitData({ ...base, 'pear/2.jpg': photo('c'), 'pear/3.jpg': large });
    const all = await neededBy(mistake);
    await git(farm.root, 'switch', '-q', 'main');
    await forgetBranch('mistake');
    await ageStore();
    expect(await gc(false)).toMatchObject({ blobs: 3 });
    expect(await missingIn(all)).toEqual([]);
    const { bytes } = await gc();
    expect(bytes).toBeGreaterThan(1_550_000);
    expect(await missingIn(all)).toHaveLength(3);
    expect(await missingIn(await neededBy(kept))).toEqual([]);
    expect(await gc()).toMatchObject({ blobs: 0, records: 0 });
  });

  test('keeps what is young, and what a lock has just relied on', async () => {
    await commitData(base);
    await git(farm.root, 'switch', '-qc', 'mistake');
    await commitData({ ...base, 'pear/2.jpg': photo('c') });
    await git(farm.root, 'switch', '-q', 'main');
    await forgetBranch('mistake');
    const young = await gc();
    expect(young.blobs).toBe(0);
    expect(young.young).toBeGreaterThan(0);
    await ageStore();
    // The same photo again: it is not written again, but now it is needed before any commit says so.
    await farm.write({ 'pear/2.jpg': photo('c') });
    const lock = await lockProject(farm.workspace, farm.store, farm.project);
    await git(farm.root, 'checkout', '-q', 'data.lock.json');
    await gc();
    expect(await missingIn(await neededBy(lock))).toEqual([]);
  });

  test.for([
    ['is cut off', (text: string) => text.slice(0, text.length / 2)],
    ['is empty', () => ''],
    ['is not JSON', (text: string) => `x${text}`],
  ] as const)(
    'deletes nothing while the lock in the working tree %s, since nobody knows what it names',
    async ([, damage]) => {
      await commitData(base);
      await farm.write({ 'pear/2.jpg': photo('only here') });
      const lock = await lockProject(farm.workspace, farm.store, farm.project);
      const path = join(farm.root, 'data.lock.json');
      const text = await readFile(path, 'utf8');
      await ageStore();
      await writeFile(path, damage(text));
      await expect(gc()).rejects.toMatchObject({
        code: 'GC_INCOMPLETE',
        message: expect.stringContaining('data.lock.json'),
      });
      await writeFile(path, `<<<<<<< ours\n${text}=======\n{}\n>>>>>>> theirs\n`);
      await gc();
      expect(await missingIn(await neededBy(lock))).toEqual([]);
    },
  );

  test('refuses when a manifest that a lock of today names is nowhere, for nobody knows what it needs', async () => {
    await commitData(base);
    const lock = await commitData({ ...base, 'pear/2.jpg': photo('c') });
    await run('rm', ['-rf', join(farm.store.folder, 'objects')]);
    await ageStore();
    await expect(gc()).rejects.toMatchObject({ code: 'GC_INCOMPLETE' });
    expect((await missingIn(await neededBy(lock))).length).toBeLessThan(2);
  });
});

describe('gc where a dataset has never been', () => {
  const base = { 'apple/1.jpg': photo('a'), 'pear/1.jpg': photo('b') };
  const digest = `sha256:${'5'.repeat(64)}`;

  /** A commit whose lock names a dataset that nobody here has. */
  async function commitForeign(): Promise<void> {
    const path = join(farm.root, 'data.lock.json');
    const lock: DataLock = await readLock(farm.root);
    const { fruit } = lock.datasets;
    if (!fruit) throw new Error('fruit is locked');
    const datasets = { ...lock.datasets, foreign: { ...fruit, digest } };
    await writeFile(path, JSON.stringify({ ...lock, datasets }, null, 2));
    await farm.commit('Foreign data');
  }

  test('an earlier commit that names it stops nothing; it is named with its commit', async () => {
    await commitData(base);
    await commitForeign();
    const commit = await git(farm.root, 'rev-parse', '--short', 'HEAD');
    const kept = await commitData({ ...base, 'pear/2.jpg': photo('c') });
    const lock = await readLock(farm.root);
    const { foreign: _, ...datasets } = lock.datasets;
    await writeFile(join(farm.root, 'data.lock.json'), JSON.stringify({ ...lock, datasets }));
    await farm.commit('Without it');
    await ageStore();
    const last = await git(farm.root, 'rev-parse', '--short', 'HEAD');
    const { unseen, blobs } = await gc();
    expect(blobs).toBe(0);
    expect(unseen).toMatchObject([{ digest, dataset: 'foreign' }]);
    expect([commit, last]).toContain(unseen[0]?.commit);
    expect(await missingIn(await neededBy({ ...kept, datasets }))).toEqual([]);
  });

  test.for(['branch', 'tag', 'stash', 'working tree', 'index'])(
    'a %s that names it does',
    async (place) => {
      await commitData(base);
      await git(farm.root, 'switch', '-qc', 'side');
      await commitForeign();
      if (place === 'tag') await git(farm.root, 'tag', 'kept');
      await git(farm.root, 'switch', '-q', 'main');
      if (place === 'stash') {
        await git(farm.root, 'checkout', '-q', 'side', '--', 'data.lock.json');
        await git(farm.root, 'stash', '-q');
      }
      if (place === 'working tree') {
        const text = await git(farm.root, 'show', 'side:data.lock.json');
        await writeFile(join(farm.root, 'data.lock.json'), text);
      }
      if (place === 'index') {
        await git(farm.root, 'checkout', '-q', 'side', '--', 'data.lock.json');
        const text = await git(farm.root, 'show', 'main:data.lock.json');
        await writeFile(join(farm.root, 'data.lock.json'), text);
      }
      if (place !== 'branch') await forgetBranch('side');
      await expect(gc()).rejects.toMatchObject({
        code: 'GC_INCOMPLETE',
        message: expect.stringContaining('"foreign"'),
      });
    },
  );

  test('nor does a lock of today if it can be collected again', async () => {
    await commitData(base);
    await commitForeign();
    const canCollect = new Set(['foreign']);
    const options = { now: Date.now(), graceMs: 0, remove: false, canCollect };
    expect(await collectGarbage(farm.workspace, farm.store, options)).toMatchObject({
      blobs: 0,
      unseen: [{ dataset: 'foreign' }],
    });
  });

  test('what the candidate of a run names stays, whatever the grace period', async () => {
    await commitData(base);
    const blob = await farm.store.put(photo('an ONNX file'));
    const folder = join(farm.root, '.mainstem', 'runs', 'fruit');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'candidate.json'), JSON.stringify({ artefacts: { onnx: blob } }));
    await ageStore();
    expect(await gc(true, 0)).toMatchObject({ blobs: 0 });
    await rm(folder, { recursive: true });
    expect(await gc(true, 0)).toMatchObject({ blobs: 1 });
  });
});

describe('gc of a remote', () => {
  const base = { 'apple/1.jpg': photo('a'), 'pear/1.jpg': photo('b') };
  let remote: Remote;
  let now = 0;
  beforeEach(() => {
    now = Date.now();
    remote = createFolderRemote(join(farm.root, '.mainstem', 'remote'));
  });
  const gcRemote = (remove = true) =>
    collectRemoteGarbage(
      { workspace: farm.workspace, store: farm.store, remote },
      { now, graceMs: 7 * dayMs, remove },
    );
  const pushLock = async (lock: DataLock) => {
    const { workspace, store, root } = farm;
    await push({ workspace, store, remote }, await collectReferences(store, { root, lock }));
  };
  const pullFresh = async (lock: DataLock) => {
    const store = openStore(farm.root, join(farm.root, '.mainstem', `fresh-${Math.random()}`));
    const references = () => collectReferences(store, { root: farm.root, lock });
    return pull({ workspace: farm.workspace, store, remote }, references);
  };
  /** A lock that was pushed, and whose branch is gone. */
  const pushMistake = async () => {
    const kept = await commitData(base);
    await pushLock(kept);
    await git(farm.root, 'switch', '-qc', 'mistake');
    const mistake = await commitData({ ...base, 'pear/2.jpg': photo('c') });
    await pushLock(mistake);
    await git(farm.root, 'switch', '-q', 'main');
    await forgetBranch('mistake');
    return { kept, mistake };
  };

  test('first names what nobody needs, and deletes it a grace period later', async () => {
    const { kept, mistake } = await pushMistake();
    const before = await remote.list('');
    expect((await gcRemote(false)).condemned).toHaveLength(2);
    expect(await remote.list('')).toEqual(before);
    expect(await gcRemote()).toMatchObject({ deleted: [], waiting: [] });
    now += 6 * dayMs;
    expect(await gcRemote()).toMatchObject({ deleted: [], condemned: [] });
    expect(await pullFresh(mistake)).toMatchObject({ missing: [] });
    now += 2 * dayMs;
    expect((await gcRemote()).deleted).toHaveLength(2);
    expect(await remote.list('condemned/')).toEqual([]);
    expect(await pullFresh(kept)).toMatchObject({ missing: [] });
    expect((await pullFresh(mistake)).missing).not.toEqual([]);
  });

  test('what is needed again in the meantime stays', async () => {
    const { mistake } = await pushMistake();
    await gcRemote();
    await commitData({ ...base, 'pear/2.jpg': photo('c') }, 'It was right after all');
    now += 8 * dayMs;
    expect(await gcRemote()).toMatchObject({ deleted: [], condemned: [], waiting: [] });
    expect(await pullFresh(mistake)).toMatchObject({ missing: [] });
  });

  test('a push does not rely on what is named, and what it sends again waits again', async () => {
    const { mistake } = await pushMistake();
    now -= 5 * dayMs;
    const { condemned } = await gcRemote();
    const before = await remote.list('packs/');
    await pushLock(mistake);
    now += 8 * dayMs;
    // Named 8 days ago, but pushed 3 days ago; the commit is about to come.
    const { deleted, waiting } = await gcRemote();
    expect(deleted).toEqual([]);
    expect(waiting).toEqual(condemned);
    expect(await remote.list('packs/')).toEqual(before);
    expect(await pullFresh(mistake)).toMatchObject({ missing: [] });
  });

  test('what is published for servers stays, also where a list names everything, as in a registry', async () => {
    await commitData(base);
    const file = join(farm.root, '.mainstem', 'document');
    await writeFile(file, '{}');
    const key = servedKey('main', 7);
    await remote.upload(key, file);
    const folder = remote;
    const list = async (prefix: string) =>
      prefix === '' ? [...(await folder.list('')), key] : folder.list(prefix);
    remote = { ...folder, list };
    expect(await gcRemote()).toMatchObject({ condemned: [], deleted: [] });
    expect(await remote.list('serving/')).toEqual([key]);
  });

  test('refuses in a shallow clone, and in one that lacks branches of others', async () => {
    await pushMistake();
    const origin = join(farm.root, '.mainstem', 'origin.git');
    await git(farm.root, 'clone', '-q', '--bare', farm.root, origin);
    await git(farm.root, 'remote', 'add', 'origin', origin);
    await expect(gcRemote(false)).resolves.toBeDefined();
    const other = join(farm.root, '.mainstem', 'other');
    await git(farm.root, 'clone', '-q', origin, other);
    await writeFile(join(other, 'note'), 'x');
    await git(other, 'add', 'note');
    await git(other, '-c', 'user.name=Tom', '-c', 'user.email=t@example.org', 'commit', '-qm', 'x');
    await git(other, 'push', '-q', 'origin', 'HEAD:tom');
    await expect(gcRemote()).rejects.toMatchObject({
      code: 'GC_INCOMPLETE',
      message: expect.stringContaining('refs/heads/tom'),
    });
    await git(farm.root, 'fetch', '-q', 'origin');
    await expect(gcRemote(false)).resolves.toBeDefined();
  });
});

describe('fsck of a remote', () => {
  test('names what is damaged and what is missing', async () => {
    const lock = await commitData({
      'apple/1.jpg': photo('a'),
      'pear/1.jpg': Buffer.alloc(1_500_000, 2),
      'pear/2.jpg': Buffer.alloc(1_500_000, 3),
    });
    const { workspace, store, root } = farm;
    const folder = join(root, '.mainstem', 'remote');
    const remote = createFolderRemote(folder);
    const references = await collectReferences(store, { root, lock });
    const transfer = { workspace, store, remote };
    await push(transfer, references);
    expect(await checkRemote(transfer, references)).toMatchObject({ findings: [] });
    const [first = '', second = ''] = await remote.list('objects/');
    const [pack = ''] = (await remote.list('packs/')).filter((key) => key.endsWith('.pack'));
    await remote.remove(first);
    await writeFile(join(folder, second), 'melon');
    await writeFile(join(folder, pack), 'melon');
    const { findings } = await checkRemote(transfer, references);
    expect(findings.map(({ code, key }) => `${code} ${key}`).sort()).toEqual([
      `REMOTE_CORRUPT ${second}`,
      `REMOTE_CORRUPT ${pack}`,
      `REMOTE_MISSING sha256:${first.slice('objects/'.length)}`,
    ]);
  });
});
