import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Digest, digestBytes, hexOf } from '../../platform/lib/hash.ts';
import type { StageRecord } from '../../platform/schemas/index.ts';
import {
  checkRemote,
  collectReferences,
  lockProject,
  openStore,
  pull,
  push,
  type Remote,
  readLock,
} from '../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../fixtures/data-repository.ts';

/** What a suite needs of the remote that it tests. */
export interface RemoteUnderTest {
  /** An empty remote; each call another one. */
  create(): Promise<Remote>;
  /** Replaces a key's content behind the remote's back, as a failing disk would. */
  damage(remote: Remote, key: string, content: Uint8Array): Promise<void>;
}

/** The contract of every remote: call it in a test file of its own. @param name for the titles */
export function testRemote(name: string, { create, damage }: RemoteUnderTest): void {
  let folder = '';
  let jen: DataRepository;
  let tom: DataRepository;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mainstem-remote-'));
    [jen, tom] = await Promise.all([createDataRepository(), createDataRepository()]);
  });
  afterEach(async () => {
    await Promise.all([jen.remove(), tom.remove(), rm(folder, { recursive: true, force: true })]);
  });

  const fileOf = async (content: string | Uint8Array) => {
    const path = join(folder, `from-${Math.random()}`);
    await writeFile(path, content);
    return path;
  };
  const lockAndPush = async (remote: Remote) => {
    const { root, workspace, store, project } = jen;
    const lock = await lockProject(workspace, store, project);
    return push({ workspace, store, remote }, await collectReferences(store, { root, lock }));
  };
  const pullAsTom = async (remote: Remote, store = tom.store) => {
    const lock = await readLock(jen.root);
    const { root, workspace } = tom;
    return pull({ workspace, store, remote }, () => collectReferences(store, { root, lock }));
  };

  describe(`${name}: keys`, () => {
    test('a remote that was never written lists nothing', async () => {
      expect(await (await create()).list('packs/')).toEqual([]);
    });

    test('exists once something has been written, and is an error before', async () => {
      const remote = await create();
      await expect(remote.assertThere()).rejects.toMatchObject({
        code: 'REMOTE_FAILED',
        message: expect.stringContaining('is not there'),
      });
      await remote.upload('packs/a', await fileOf('x'));
      await remote.assertThere();
    });

    test('what was uploaded comes back byte for byte, whatever its size', async () => {
      const remote = await create();
      for (const size of [0, 1, 70_000, 6_000_000]) {
        const content = Buffer.alloc(size, 'pumpkin');
        await remote.upload(`objects/${size}`, await fileOf(content));
        const target = join(folder, `to-${size}`);
        await remote.download(`objects/${size}`, target);
        expect(Buffer.compare(await readFile(target), content)).toBe(0);
      }
    });

    test('a list has the keys that start with the prefix, sorted', async () => {
      const remote = await create();
      const file = await fileOf('x');
      for (const key of ['records/b.json', 'packs/2.pack', 'packs/1.idx', 'packs/10.pack']) {
        await remote.upload(key, file);
      }
      expect(await remote.list('packs/')).toEqual(['packs/1.idx', 'packs/10.pack', 'packs/2.pack']);
      expect(await remote.list('packs/1')).toEqual(['packs/1.idx', 'packs/10.pack']);
      expect(await remote.list('objects/')).toEqual([]);
    });

    test('uploading a key twice is not an error, even at the same time', async () => {
      const remote = await create();
      const file = await fileOf('same');
      await Promise.all([remote.upload('packs/a', file), remote.upload('packs/a', file)]);
      await remote.upload('packs/a', file);
      expect(await remote.list('packs/')).toEqual(['packs/a']);
    });

    test('a removed key is gone, and the others stay', async () => {
      const remote = await create();
      const file = await fileOf('x');
      await remote.upload('packs/a', file);
      await remote.upload('packs/b', file);
      await remote.remove('packs/a');
      await remote.remove('packs/a');
      expect(await remote.list('')).toEqual(['packs/b']);
      await remote.download('packs/b', join(folder, 'b'));
    });

    test('a missing key is an error that names it', async () => {
      const remote = await create();
      await remote.upload('packs/a', await fileOf('x'));
      await expect(remote.download('packs/none', join(folder, 'none'))).rejects.toMatchObject({
        code: 'REMOTE_MISSING',
        details: { key: 'packs/none' },
      });
    });

    test('a failed upload leaves no key', async () => {
      const remote = await create();
      const missing = join(folder, 'no-such-file');
      await expect(remote.upload('packs/a', missing)).rejects.toMatchObject({
        code: 'REMOTE_FAILED',
      });
      expect(await remote.list('')).toEqual([]);
    });
  });

  describe(`${name}: push and pull`, () => {
    test('what one machine pushes another pulls: small files, large files and the manifest', async () => {
      const large = Buffer.alloc(1_500_000, 'large');
      await jen.write({ 'apple/1.jpg': 'a1', 'pear/1.jpg': 'p1', 'pear/large.jpg': large });
      const remote = await create();
      expect(await lockAndPush(remote)).toMatchObject({ blobs: 4, missing: [] });
      expect(await pullAsTom(remote)).toMatchObject({ blobs: 4, missing: [] });
      const { datasets } = await readLock(jen.root);
      const digest = datasets.fruit?.digest;
      if (!digest) throw new Error('fruit is locked');
      expect(await tom.store.get(digest)).toEqual(await jen.store.get(digest));
    });

    test('only what is missing is sent and fetched', async () => {
      await jen.write({ 'apple/1.jpg': 'a1', 'pear/1.jpg': 'p1' });
      const remote = await create();
      await lockAndPush(remote);
      await pullAsTom(remote);
      expect(await lockAndPush(remote)).toMatchObject({ blobs: 0, bytes: 0 });
      await jen.write({ 'apple/2.jpg': 'a2' });
      // The new photo and the new manifest.
      expect(await lockAndPush(remote)).toMatchObject({ blobs: 2 });
      expect(await pullAsTom(remote)).toMatchObject({ blobs: 2 });
      expect(await pullAsTom(remote)).toMatchObject({ blobs: 0 });
    });

    test('a damaged pack or object is rejected and named, and nothing of it is kept', async () => {
      await jen.write({ 'apple/1.jpg': 'a1', 'pear/large.jpg': Buffer.alloc(1_500_000) });
      const remote = await create();
      await lockAndPush(remote);
      const keys = await remote.list('');
      for (const key of keys.filter((each) => /\.pack$|^objects/.test(each))) {
        const path = join(folder, `kept-${key.replaceAll('/', '-')}`);
        await remote.download(key, path);
        const whole = await readFile(path);
        const flipped = Buffer.from(whole);
        flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
        const store = openStore(tom.root, `${path}-store`);
        for (const broken of [flipped, whole.subarray(0, whole.length - 3)]) {
          await damage(remote, key, broken);
          await expect(pullAsTom(remote, store)).rejects.toMatchObject({
            code: 'REMOTE_CORRUPT',
            details: { key },
          });
        }
        await damage(remote, key, whole);
        expect(await pullAsTom(remote, store)).toMatchObject({ missing: [] });
        const left = await readdir(store.folder, { recursive: true });
        expect(left.filter((file) => file.endsWith('.tmp'))).toEqual([]);
      }
    });

    test('what only its way damaged is fetched once more, and the remote is not blamed', async () => {
      await jen.write({ 'apple/1.jpg': 'a1', 'pear/large.jpg': Buffer.alloc(1_500_000) });
      const remote = await create();
      await lockAndPush(remote);
      const seen = new Set<string>();
      const badLine: Remote = {
        ...remote,
        async download(key, file) {
          await remote.download(key, file);
          if (!seen.has(key)) await writeFile(file, '<html>Log in</html>');
          seen.add(key);
        },
      };
      expect(await pullAsTom(badLine)).toMatchObject({ blobs: 3, missing: [] });
      const lock = await readLock(jen.root);
      const { blobs } = await collectReferences(jen.store, { root: jen.root, lock });
      seen.clear();
      const ends = { workspace: jen.workspace, store: jen.store, remote: badLine };
      const { findings } = await checkRemote(ends, { blobs, records: new Map() });
      expect(findings).toEqual([]);
    });

    test('a damaged object is named when everything else is here', async () => {
      const large = (byte: number) => Buffer.alloc(1_500_000, byte);
      await jen.write({
        'a/1.jpg': large(1),
        'a/2.jpg': large(2),
        'b/3.jpg': large(3),
        'b/4.jpg': 'x',
      });
      const remote = await create();
      await lockAndPush(remote);
      const [first = ''] = await remote.list('objects/');
      await damage(remote, first, large(9));
      await expect(pullAsTom(remote)).rejects.toMatchObject({
        code: 'REMOTE_CORRUPT',
        details: { key: first },
      });
      const { blobs } = await collectReferences(jen.store, {
        root: jen.root,
        lock: await readLock(jen.root),
      });
      const here = await Promise.all([...blobs.keys()].map((digest) => tom.store.has(digest)));
      expect(here.filter((is) => !is)).toHaveLength(1);
    });

    test('a damaged stage record is as if it were not there; it is named, and a check finds it', async () => {
      await jen.write({ 'apple/1.jpg': 'a1' });
      const remote = await create();
      await lockAndPush(remote);
      const lock = await readLock(jen.root);
      const records = new Map(
        [1, 2, 3].map((number) => [digestBytes(Buffer.from([number])), 'a run']),
      );
      for (const key of records.keys()) await jen.store.writeRecord(recordOf(key));
      const ends = { workspace: jen.workspace, store: jen.store, remote };
      const { blobs } = await collectReferences(jen.store, { root: jen.root, lock });
      await push(ends, { blobs, records });
      const [whole, changed, foreign] = (await remote.list('records/')).toSorted();
      const file = join(folder, 'record');
      await remote.download(changed ?? '', file);
      const text = await readFile(file, 'utf8');
      await damage(
        remote,
        changed ?? '',
        Buffer.from(text.replace('"seconds": 1', '"seconds": 2')),
      );
      await damage(remote, foreign ?? '', Buffer.from(text));
      const { findings } = await checkRemote(ends, { blobs, records });
      expect(findings.map(({ code, key }) => `${code} ${key}`)).toEqual([
        `REMOTE_CORRUPT ${changed}`,
        `REMOTE_CORRUPT ${foreign}`,
      ]);
      const collect = async () => ({
        ...(await collectReferences(tom.store, { root: tom.root, lock })),
        records,
      });
      const { workspace, store } = tom;
      const pulled = await pull({ workspace, store, remote }, collect);
      expect(pulled).toMatchObject({ blobs: 2, records: 1, missing: [] });
      expect(pulled.damagedRecords.toSorted()).toEqual([changed, foreign]);
      const kept = await Promise.all([...records.keys()].map((key) => store.readRecord(key)));
      expect(kept.filter(Boolean).map((record) => record && recordKey(record.key))).toEqual([
        whole,
      ]);
      // Who has none of them whole repairs nothing; who has them replaces what is damaged, once.
      expect(await push({ workspace, store, remote }, { blobs, records })).toMatchObject({
        records: 0,
      });
      expect(await push(ends, { blobs, records })).toMatchObject({ blobs: 0, records: 2 });
      expect(await push(ends, { blobs, records })).toMatchObject({ blobs: 0, records: 0 });
      expect(await checkRemote(ends, { blobs, records })).toMatchObject({ findings: [] });
      expect(await pull({ workspace, store, remote }, collect)).toMatchObject({
        ...{ records: 2, damagedRecords: [] },
      });
    });

    test.each(['', '{', '\0'.repeat(900), '{"version":1}', '[]'])(
      'a stage record that holds %j is replaced by a push',
      async (content) => {
        const remote = await create();
        const key = digestBytes(Buffer.from('record'));
        await jen.store.writeRecord(recordOf(key));
        const ends = { workspace: jen.workspace, store: jen.store, remote };
        const references = { blobs: new Map(), records: new Map([[key, 'a run']]) };
        expect(await push(ends, references)).toMatchObject({ records: 1 });
        await damage(remote, recordKey(key), Buffer.from(content));
        expect(await push(ends, references)).toMatchObject({ records: 1 });
        expect(await checkRemote(ends, references)).toMatchObject({ findings: [] });
      },
    );

    test('a damaged pack that was removed is sent again, and then nothing is wrong', async () => {
      await jen.write({ 'apple/1.jpg': 'a1', 'pear/1.jpg': 'p1' });
      const remote = await create();
      await lockAndPush(remote);
      await jen.write({ 'apple/2.jpg': 'a2' });
      await lockAndPush(remote);
      const packs = (await remote.list('packs/')).filter((key) => key.endsWith('.pack'));
      for (const pack of packs) await remote.remove(pack);
      await lockAndPush(remote);
      const { root, workspace, store } = jen;
      const references = await collectReferences(store, { root, lock: await readLock(root) });
      const { findings } = await checkRemote({ workspace, store, remote }, references);
      expect(findings).toEqual([]);
    });

    test('an interrupted push or pull resumes where it stopped', async () => {
      await jen.write({ 'apple/1.jpg': Buffer.alloc(1_500_000, 1), 'pear/1.jpg': 'p1' });
      await jen.write({ 'apple/2.jpg': Buffer.alloc(1_500_000, 2) });
      const remote = await create();
      const failing = breakAfter(remote, 3);
      await expect(lockAndPush(failing)).rejects.toThrow('the line is dead');
      const sent = (await remote.list('')).length;
      expect(sent).toBeGreaterThan(0);
      const rest = await lockAndPush(remote);
      expect(rest.blobs).toBeGreaterThan(0);
      expect(rest.blobs).toBeLessThan(4);
      await expect(pullAsTom(breakAfter(remote, 3))).rejects.toThrow('the line is dead');
      const more = await pullAsTom(remote);
      expect(more.missing).toEqual([]);
      expect(more.blobs).toBeLessThan(4);
    });

    test('blobs missing both here and on the remote are named with who needs them', async () => {
      await jen.write({ 'apple/1.jpg': 'a1' });
      const remote = await create();
      const { workspace, store, project, root } = jen;
      const lock = await lockProject(workspace, store, project);
      const empty = openStore(root, join(root, 'empty-store'));
      const references = await collectReferences(store, { root, lock });
      const { missing } = await push({ workspace, store: empty, remote }, references);
      expect(missing.map(({ by }) => by).sort()).toEqual(['fruit', 'fruit: apple/1.jpg']);
      expect(await pullAsTom(remote)).toMatchObject({ missing: [{ by: 'fruit' }] });
    });
  });
}

function recordOf(key: Digest): StageRecord {
  const ingredients = {
    stage: 'train',
    inputs: {},
    parameters: {},
    code: {},
    packages: {},
    backend: '',
  };
  return {
    ...{ version: 1, project: 'fruit', key, ingredients, status: 'done', outputs: {} },
    ...{ error: null, startedAt: '2026-10-01T00:00:00.000Z', seconds: 1 },
  };
}

const recordKey = (key: Digest) => `records/${hexOf(key)}.json`;

/** A remote whose connection breaks after so many uploads or downloads. */
function breakAfter(remote: Remote, transfers: number): Remote {
  let left = transfers;
  const spend = () => {
    if (left-- <= 0) throw new Error('the line is dead');
  };
  return {
    address: remote.address,
    assertThere: () => remote.assertThere(),
    list: (prefix) => remote.list(prefix),
    remove: (key) => remote.remove(key),
    async upload(key, file) {
      spend();
      await remote.upload(key, file);
    },
    async download(key, file) {
      spend();
      await remote.download(key, file);
    },
  };
}
