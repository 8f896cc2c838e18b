import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { artefactDigests } from '../../../../pipeline/engine/index.ts';
import { type Digest, digestJson } from '../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import type { StageRecord } from '../../../../platform/schemas/index.ts';
import {
  checkStore,
  collectReferences,
  createFolderRemote,
  lockProject,
  openStore,
  pull,
  push,
  type Remote,
  readLock,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

/*
 * Whatever single damage a store takes (one flipped bit in any byte of any of its files, or any file cut anywhere), no
 * wrong byte comes out of it, status and fsck name what cannot be read any more, and a pull heals it.
 */

let original: DataRepository;
let remote: Remote;
let blobs: ReadonlyMap<Digest, Buffer>;
let record: StageRecord;
const folders: string[] = [];

const key = digestJson('a stage');

beforeAll(async () => {
  original = await createDataRepository();
  const { root, store, workspace, project } = original;
  await original.write({ 'apple/1.jpg': 'a1', 'apple/2.jpg': 'a2 '.repeat(40) });
  await lockProject(workspace, store, project);
  await original.write({ 'pear/1.jpg': 'p1', 'pear/large.jpg': Buffer.alloc(1_050_000, 'large') });
  const lock = await lockProject(workspace, store, project);
  const weights = await store.put(Buffer.from('weights'));
  record = buildRecord(weights.digest);
  await store.writeRecord(record);
  remote = createFolderRemote(join(await temporary(), 'remote'));
  const { blobs: locked } = await collectReferences(store, { root, lock });
  const records = new Map([[key, 'a model']]);
  const references = { blobs: new Map([...locked, [weights.digest, 'a model']]), records };
  await push({ workspace, store, remote }, references);
  await pull({ workspace, store, remote }, async () => references);
  await readStatus(workspace, store, lock, project);
  const found = new Map<Digest, Buffer>();
  for (const digest of references.blobs.keys())
    found.set(digest, Buffer.from(await store.get(digest)));
  blobs = found;
  store.close();
});
afterAll(async () => {
  await original.remove();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-damage-'));
  folders.push(folder);
  return folder;
}

function buildRecord(digest: Digest): StageRecord {
  return {
    version: 1,
    project: 'fruit',
    key,
    ingredients: {
      ...{ stage: 'train', inputs: { data: digest }, parameters: { epochs: 3 } },
      ...{ code: {}, packages: {}, backend: 'wasm' },
    },
    status: 'done',
    outputs: { accuracy: 0.9375, weights: { digest, bytes: 7, mediaType: 'text/plain' } },
    error: null,
    startedAt: '2026-11-26T02:00:00.000Z',
    seconds: 1.5,
  };
}

/** A copy of the repository in which one file of `.mainstem` is damaged; which, and how, in words. */
async function damagedCopy(pick: { file: number; place: number; bit: number; cut: boolean }) {
  const root = join(await temporary(), 'copy');
  await cp(original.root, root, { recursive: true, preserveTimestamps: true });
  const state = join(root, '.mainstem');
  const names = await readdir(state, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const path = files[pick.file % files.length] ?? '';
  const bytes = await readFile(path);
  const at = pick.place % Math.max(bytes.length, 1);
  if (!pick.cut && bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick.bit);
  await writeFile(path, pick.cut ? bytes.subarray(0, at) : bytes);
  const how = pick.cut ? `cut to ${at}` : `bit ${pick.bit} of byte ${at} flipped`;
  return { root, what: `${path.slice(state.length + 1)}: ${how}` };
}

/** The blobs that cannot be read; whatever can be read must be right. */
async function unreadable(root: string, what: string): Promise<Digest[]> {
  const store = openStore(root);
  const lost: Digest[] = [];
  for (const [digest, bytes] of blobs) {
    const read = await store.get(digest).catch((error) => {
      expect(error.code, what).toMatch(/^STORE_(CORRUPT|MISSING)$/);
      lost.push(digest);
    });
    if (read) expect(Buffer.compare(read, bytes), what).toBe(0);
  }
  const found = await store.readRecord(key);
  if (found === null) lost.push(key);
  else expect(found, what).toEqual(record);
  store.close();
  return lost.sort();
}

const pick = fc.record({
  file: fc.nat(),
  place: fc.nat(2_000_000),
  bit: fc.nat(7),
  cut: fc.boolean(),
});

test('no damage of a single file gives wrong bytes, hides a loss, or outlives a pull', async () => {
  await fc.assert(
    fc.asyncProperty(pick, async (chosen) => {
      const { root, what } = await damagedCopy(chosen);
      const workspace = { ...original.workspace, root, reporter: silentReporter };
      const lock = await readLock(root);
      const lost = await unreadable(root, what);
      const outputs = artefactDigests(record.outputs);
      const lostBlobs = lost.filter((digest) => digest !== key && !outputs.includes(digest));

      const [status] = await readStatus(workspace, openStore(root), lock, original.project);
      expect(status?.state, what).toBe('clean');
      const manifest = lock.datasets.fruit?.digest;
      const named = lostBlobs.includes(manifest ?? key) ? [manifest] : lostBlobs;
      expect([...(status?.missing ?? [])].sort(), what).toEqual(named);

      const needed = new Map([...blobs.keys()].map((digest) => [digest, 'fruit']));
      const names: ReadonlySet<string> = new Set(needed.keys());
      const references = { blobs: needed, records: new Map([[key, 'a model']]) };
      const store = openStore(root);
      const collect = async () => {
        const { blobs: found } = await collectReferences(store, { root, lock });
        return { ...references, blobs: new Map([...references.blobs, ...found]) };
      };
      const check = async (repair: boolean) => {
        const options = { references, now: Date.now(), repair };
        const { findings } = await checkStore(workspace, openStore(root), options);
        return findings.map(({ digest }) => digest);
      };
      // It also names what nobody needs: the manifest of an earlier lock.
      const known = (await check(false)).filter((digest) => digest === key || names.has(digest));
      expect([...new Set(known)].sort(), what).toEqual(lost);

      await pull({ workspace, store, remote }, collect);
      expect(await unreadable(root, what), what).toEqual([]);
      const [healed] = await readStatus(workspace, openStore(root), lock, original.project);
      expect(healed, what).toMatchObject({ state: 'clean', missing: [] });
      await check(true);
      expect(await check(false), what).toEqual([]);
      await rm(root, { recursive: true });
    }),
    { numRuns: 40 },
  );
});

const flips = fc.array(fc.record({ place: fc.nat(2_000_000), bit: fc.nat(7) }), {
  ...{ minLength: 1, maxLength: 4 },
});

test('any flipped bits of a pack, also where no blob is, are found by fsck and healed by a pull', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), flips, fc.boolean(), async (which, changes, byRepair) => {
      const root = join(await temporary(), 'copy');
      await cp(original.root, root, { recursive: true, preserveTimestamps: true });
      const packs = openStore(root).packs.packs();
      const pack = packs[which % packs.length];
      if (!pack) throw new Error('there are packs');
      const [whole, bytes] = [await readFile(pack.path), await readFile(pack.path)];
      for (const { place, bit } of changes) {
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
      fc.pre(!bytes.equals(whole));
      await writeFile(pack.path, bytes);
      const what = `${pack.name}: ${JSON.stringify(changes)}`;

      const workspace = { ...original.workspace, root, reporter: silentReporter };
      const needed = new Map([...blobs.keys()].map((digest) => [digest, 'fruit']));
      const references = { blobs: needed, records: new Map([[key, 'a model']]) };
      const check = async (repair: boolean) => {
        const options = { references, now: Date.now(), repair };
        return (await checkStore(workspace, openStore(root), options)).findings;
      };
      const found = await check(false);
      expect(found.length, what).toBeGreaterThan(0);
      for (const { code, file } of found) {
        expect(['STORE_CORRUPT', 'PACK_DAMAGED'], what).toContain(code);
        expect(file, what).toBe(`packs/${pack.name}.pack`);
      }
      if (byRepair) expect(await check(true), what).toHaveLength(found.length);
      await pull({ workspace, store: openStore(root), remote }, async () => references);
      expect(await unreadable(root, what), what).toEqual([]);
      expect(await check(false), what).toEqual([]);
      await rm(root, { recursive: true });
    }),
    { numRuns: 40 },
  );
});

test('what is appended to a pack, and a pack of one blob that is written again under its name, lose nothing', async () => {
  const root = await temporary();
  const workspace = { ...original.workspace, root, reporter: silentReporter };
  const store = openStore(root);
  const digests = async function* () {
    yield Buffer.from('the only one');
  };
  const [only] = await store.putMany(digests());
  const [pack] = store.packs.packs();
  if (!only || !pack) throw new Error('it is packed');
  const references = { blobs: new Map([[only.digest, 'fruit']]), records: new Map() };
  const check = async (repair: boolean) =>
    (await checkStore(workspace, openStore(root), { references, now: Date.now(), repair }))
      .findings;
  const whole = await readFile(pack.path);
  const flipped = Buffer.from(whole);
  flipped[20] = (flipped[20] ?? 0) ^ 8;
  for (const bytes of [flipped, Buffer.concat([whole, Buffer.from('more')])]) {
    await writeFile(pack.path, bytes);
    expect(await check(true)).toMatchObject([{ code: 'PACK_DAMAGED' }]);
    expect(await check(false)).toEqual([]);
    expect(Buffer.compare(await readFile(pack.path), whole)).toBe(0);
    expect(Buffer.from(await openStore(root).get(only.digest)).toString()).toBe('the only one');
  }
});

test('lock replaces what is damaged in the store, whether it is in a pack or a file of its own', async () => {
  const root = join(await temporary(), 'copy');
  await cp(original.root, root, { recursive: true, preserveTimestamps: true });
  const store = openStore(root);
  for (const pack of store.packs.packs()) {
    const bytes = await readFile(pack.path);
    for (const { offset } of pack.index.entries()) bytes[offset] = (bytes[offset] ?? 0) ^ 4;
    await writeFile(pack.path, bytes);
  }
  for (const digest of await store.objects.list()) {
    if (blobs.has(digest)) await writeFile(store.objects.pathOf(digest), 'damaged');
  }
  const workspace = { ...original.workspace, root };
  expect((await unreadable(root, 'everything')).length).toBe(blobs.size);
  await lockProject(workspace, openStore(root), original.project);
  // Only a run makes a stage's output again.
  expect(await unreadable(root, 'everything')).toEqual(artefactDigests(record.outputs));
});

test('a folder in the place of a stage record is a damaged record, and --repair removes it', async () => {
  const root = join(await temporary(), 'copy');
  await cp(original.root, root, { recursive: true, preserveTimestamps: true });
  const store = openStore(root);
  await rm(store.recordPath(key));
  await mkdir(join(store.recordPath(key), 'inner'), { recursive: true });
  const workspace = { ...original.workspace, root };
  const references = { blobs: new Map(), records: new Map() };
  const check = (repair: boolean) =>
    checkStore(workspace, openStore(root), { repair, references, now: Date.now() });
  expect((await check(true)).findings.map(({ code }) => code)).toEqual(['RECORD_DAMAGED']);
  expect((await check(false)).findings).toEqual([]);
});
