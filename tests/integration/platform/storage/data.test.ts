import { readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import type { DataLock, LockedDataset } from '../../../../platform/schemas/index.ts';
import {
  checkoutDataset,
  checkStore,
  collectReferences,
  createFolderRemote,
  diffLocks,
  lockProject,
  openStore,
  pull,
  push,
  readExamples,
  readLock,
  readManifest,
  readStatus,
  readWorkingData,
  type Store,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

let here: DataRepository;
beforeEach(async () => {
  here = await createDataRepository();
  await here.write({ 'apple/1.jpg': 'a1', 'apple/2.jpg': 'a2', 'pear/1.jpg': 'p1' });
});
afterEach(() => here.remove());

const lock = () => lockProject(here.workspace, here.store, here.project);

async function lockedFruit(): Promise<LockedDataset> {
  const { fruit } = (await lock()).datasets;
  if (!fruit) throw new Error('fruit is locked');
  return fruit;
}

async function status() {
  const [found] = await readStatus(
    here.workspace,
    here.store,
    await readLock(here.root),
    here.project,
  );
  if (!found) throw new Error('the project has one dataset');
  return found;
}

async function fsck(repair = false) {
  const references = await collectReferences(here.store, {
    root: here.root,
    lock: await readLock(here.root),
  });
  const store = openStore(here.root);
  return checkStore(here.workspace, store, { references, now: Date.now(), repair });
}

/** Makes files old enough that their times are trusted. */
async function age(...files: string[]): Promise<void> {
  await Promise.all(files.map((file) => utimes(here.path(file), 1e9, 1e9)));
  await new Promise((resolve) => setTimeout(resolve, 60));
}

describe('lock', () => {
  test('the same data gives the same bytes, on another machine and in another order of writing', async () => {
    await lock();
    const there = await createDataRepository();
    await there.write({ 'pear/1.jpg': 'p1', 'apple/2.jpg': 'a2', 'apple/1.jpg': 'a1' });
    await lockProject(there.workspace, there.store, there.project);
    const read = (root: string) => readFile(join(root, 'data.lock.json'), 'utf8');
    expect(await read(there.root)).toBe(await read(here.root));
    await there.remove();
  });

  test('the lock has files, bytes and examples per split and class', async () => {
    const { files, bytes, splits, source, licence } = await lockedFruit();
    expect({ files, bytes, source, licence }).toEqual({
      files: 3,
      bytes: 6,
      source: 'the garden',
      licence: 'CC0-1.0',
    });
    const counted = Object.values(splits).flatMap((split) => Object.entries(split));
    const apples = counted.filter(([name]) => name === 'apple').map(([, count]) => count);
    expect(apples.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  test('other datasets in the lock stay as they are', async () => {
    const other = { ...(await lockedFruit()), path: 'data/other' };
    const text = { version: 1, datasets: { other } };
    await writeFile(join(here.root, 'data.lock.json'), JSON.stringify(text));
    expect((await lock()).datasets.other).toEqual(other);
  });

  test('missing data is an error that says how to get it', async () => {
    await rm(here.path(''), { recursive: true });
    await expect(lock()).rejects.toMatchObject({ code: 'DATA_MISSING' });
  });

  test('metadata.csv groups views of one object and is not an example itself', async () => {
    const split = { seed: 3, group: 'tree' };
    const grouped = await createDataRepository(split);
    const files = Array.from({ length: 40 }, (_, at) => `apple/${at}.jpg`);
    const rows = files.map((file, at) => `${file},tree-${Math.floor(at / 4)}`);
    await grouped.write(Object.fromEntries(files.map((file) => [file, file])));
    await grouped.write({ 'metadata.csv': `file,tree\n${rows.join('\n')}\n` });
    const { fruit } = (await lockProject(grouped.workspace, grouped.store, grouped.project))
      .datasets;
    if (!fruit) throw new Error('fruit is locked');
    const examples = await readExamples(grouped.store, fruit, grouped.project.definition);
    expect(examples).toHaveLength(40);
    const splitsOfTree = new Map(examples.map(({ group, split: name }) => [group, name]));
    for (const { group, split: name } of examples) expect(splitsOfTree.get(group)).toBe(name);
    expect(new Set(splitsOfTree.values()).size).toBeGreaterThan(1);
    await grouped.remove();
  });

  test('a group column that no example has is rejected, because views would straddle splits', async () => {
    const grouped = await createDataRepository({ seed: 3, group: 'tree' });
    await grouped.write({ 'apple/1.jpg': 'a', 'metadata.csv': 'file,camera\napple/1.jpg,x\n' });
    const locking = lockProject(grouped.workspace, grouped.store, grouped.project);
    await expect(locking).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(locking).rejects.toThrow('there is no column "tree" in metadata.csv');
    await grouped.write({ 'metadata.csv': 'file,tree\napple/1.jpg,\n' });
    await expect(lockProject(grouped.workspace, grouped.store, grouped.project)).rejects.toThrow(
      'no example has a value in the group column "tree" in metadata.csv',
    );
    await grouped.remove();
  });
});

describe('a lock that was edited by hand', () => {
  const recount = async () => {
    const read = await readLock(here.root);
    const [found] = await readStatus(here.workspace, here.store, read, here.project, {
      recount: true,
    });
    return found?.contradictions;
  };
  const edited = async (part: Partial<LockedDataset>) => {
    const fruit = { ...(await lockedFruit()), ...part };
    const text = JSON.stringify({ version: 1, datasets: { fruit } });
    await writeFile(join(here.root, 'data.lock.json'), text);
  };

  test.for([
    [{ files: 4 }, ['files 4, but it is 3']],
    [{ bytes: 7 }, ['bytes 7, but it is 6']],
    [{ kind: 'table' }, ['kind "table", but it is "images"']],
    [{ licence: 'MIT' }, ['licence "MIT", but it is "CC0-1.0"']],
    [
      { split: { seed: 99, fractions: [0.7, 0.15, 0.15], group: 'tree' } },
      ['split.seed 99, but it is ', 'split.group "tree", but it is not there'],
    ],
    [
      { splits: { train: { apple: 2, pear: 1, plum: 5 } } },
      ['splits.train.plum 5, but it is not there'],
    ],
  ] as const)('is contradicted by its own files: %j', async ([part, expected]) => {
    await edited(part as Partial<LockedDataset>);
    const found = (await recount())?.join('\n');
    for (const text of expected) expect(found).toContain(`data.lock.json says ${text}`);
    await lock();
    expect(await recount()).toEqual([]);
  });

  test('that the project cannot count again is a contradiction, not a failure', async () => {
    await edited({});
    const { definition } = here.project;
    const task = 'tabular-classification';
    const project = { ...here.project, definition: { ...definition, task } as const };
    const options = { recount: true };
    const read = await readLock(here.root);
    const [found] = await readStatus(here.workspace, here.store, read, project, options);
    expect(found?.contradictions).toEqual([
      expect.stringContaining('a table needs a table definition'),
    ]);
  });

  test('of an earlier version, without the split, is not contradicted', async () => {
    const { split: _split, ...fruit } = await lockedFruit();
    const text = JSON.stringify({ version: 1, datasets: { fruit } });
    await writeFile(join(here.root, 'data.lock.json'), text);
    expect(await recount()).toEqual([]);
  });
});

describe('status', () => {
  test('reports what was added, removed, modified and relabelled since the lock', async () => {
    expect((await status()).state).toBe('unlocked');
    await lock();
    expect((await status()).state).toBe('clean');
    await here.write({ 'pear/3.jpg': 'new', 'pear/2.jpg': 'a2', 'pear/1.jpg': 'other' });
    await rm(here.path('apple/2.jpg'));
    await rm(here.path('apple/1.jpg'));
    expect(await status()).toMatchObject({
      state: 'changed',
      changes: {
        added: ['pear/3.jpg'],
        removed: ['apple/1.jpg'],
        modified: ['pear/1.jpg'],
        relabelled: [{ from: 'apple/2.jpg', to: 'pear/2.jpg' }],
      },
    });
  });

  test('reads nothing when nothing changed', async () => {
    await age('apple/1.jpg', 'apple/2.jpg', 'pear/1.jpg');
    await lock();
    expect(await status()).toMatchObject({ state: 'clean', hashed: 0, missing: [] });
    await here.write({ 'apple/1.jpg': 'changed' });
    expect(await status()).toMatchObject({ state: 'changed', hashed: 1 });
  });

  test('sees a change that keeps size and times, made in the tick of the lock', async () => {
    await here.write({ 'apple/1.jpg': 'XX' });
    await lock();
    const before = await stat(here.path('apple/1.jpg'));
    await here.write({ 'apple/1.jpg': 'YY' });
    await utimes(here.path('apple/1.jpg'), before.atime, before.mtime);
    expect((await status()).changes.modified).toEqual(['apple/1.jpg']);
  });

  test('reports what the store lacks', async () => {
    await lock();
    await rm(here.store.packs.folder, { recursive: true });
    here.store.packs.refresh();
    expect((await status()).missing).toHaveLength(3);
  });
});

describe('checkout and diff', () => {
  test('an earlier revision comes back, and only files that differ are written', async () => {
    const first = await lockedFruit();
    await here.commit('First harvest');
    await here.write({ 'apple/1.jpg': 'better' });
    await rm(here.path('pear/1.jpg'));
    await lock();
    const result = await checkoutDataset(here.workspace, here.store, first, false);
    expect(result).toMatchObject({ written: 2, unchanged: 1, extra: [] });
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a1');
    expect(await readFile(here.path('pear/1.jpg'), 'utf8')).toBe('p1');
    const again = await checkoutDataset(here.workspace, here.store, first, false);
    expect(again).toMatchObject({ written: 0, unchanged: 3 });
  });

  test('changes that no lock records are not overwritten without force', async () => {
    const locked = await lockedFruit();
    await here.write({ 'apple/1.jpg': 'only copy' });
    const checkout = (force: boolean) => checkoutDataset(here.workspace, here.store, locked, force);
    await expect(checkout(false)).rejects.toMatchObject({
      code: 'CHECKOUT_CONFLICT',
      details: { files: ['apple/1.jpg'] },
    });
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('only copy');
    expect(await checkout(true)).toMatchObject({ written: 1 });
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a1');
  });

  test('files that the lock does not name are kept, and removed with force', async () => {
    const locked = await lockedFruit();
    await here.write({ 'plum/1.jpg': 'new' });
    const left = await checkoutDataset(here.workspace, here.store, locked, false);
    expect(left).toMatchObject({ extra: ['plum/1.jpg'], removed: 0 });
    const forced = await checkoutDataset(here.workspace, here.store, locked, true);
    expect(forced).toMatchObject({ extra: [], removed: 1 });
    expect(await readdir(here.path(''))).toEqual(['apple', 'pear']);
  });

  test('a file that an interrupted checkout left half-written is completed', async () => {
    await here.write({ 'apple/1.jpg': 'a long photo' });
    const locked = await lockedFruit();
    await truncate(here.path('apple/1.jpg'), 4);
    await checkoutDataset(here.workspace, here.store, locked, false);
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a long photo');
  });

  test('data that git tracks itself is left alone', async () => {
    const locked = await lockedFruit();
    await git(here.root, 'add', '-f', 'data/fruit');
    const checkout = () => checkoutDataset(here.workspace, here.store, locked, true);
    expect(await checkout()).toMatchObject({ tracked: true, differs: false, written: 0 });
    await here.write({ 'apple/1.jpg': 'edited' });
    expect(await checkout()).toMatchObject({ tracked: true, differs: true, written: 0 });
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('edited');
    await rm(here.path(''), { recursive: true });
    expect(await checkout()).toMatchObject({ tracked: true, differs: true, unchanged: 0 });
  });

  test('the order of names in a lock makes no difference', async () => {
    const { splits, ...rest } = await lockedFruit();
    const reversed = Object.fromEntries(Object.entries(splits).reverse());
    const before: DataLock = { version: 1, datasets: { fruit: { ...rest, splits: reversed } } };
    expect(await diffLocks(here.store, before, await lock())).toEqual({ datasets: {} });
  });

  test('a diff of two locks counts classes', async () => {
    const before = await lock();
    await here.write({ 'pear/2.jpg': 'a2' });
    await rm(here.path('apple/2.jpg'));
    const { datasets } = await diffLocks(here.store, before, await lock());
    expect(datasets.fruit).toEqual({
      added: [],
      removed: [],
      modified: [],
      relabelled: [{ from: 'apple/2.jpg', to: 'pear/2.jpg' }],
      classes: { before: { apple: 2, pear: 1 }, after: { apple: 1, pear: 2 } },
    });
  });
});

describe('the data on disk', () => {
  const difference = async () => {
    const before = await readLock(here.root);
    const {
      lock: after,
      blobs,
      absent,
    } = await readWorkingData(here.workspace, here.store, [here.project]);
    return { ...(await diffLocks(blobs, before, after)), absent };
  };

  test('differs from a lock in files and class counts before anything is locked', async () => {
    await lock();
    await here.write({ 'pear/3.jpg': 'new', 'pear/2.jpg': 'a2', 'pear/1.jpg': 'other' });
    await rm(here.path('apple'), { recursive: true });
    expect((await difference()).datasets.fruit).toEqual({
      added: ['pear/3.jpg'],
      removed: ['apple/1.jpg'],
      modified: ['pear/1.jpg'],
      relabelled: [{ from: 'apple/2.jpg', to: 'pear/2.jpg' }],
      classes: { before: { apple: 2, pear: 1 }, after: { pear: 3 } },
    });
    expect(await here.store.has(digestBytes('new'))).toBe(false);
  });

  test('groups that only the metadata on disk names are counted', async () => {
    const grouped = await createDataRepository({ seed: 3, group: 'tree' });
    await grouped.write({ 'apple/1.jpg': 'a', 'metadata.csv': 'file,tree\napple/1.jpg,x\n' });
    const working = await readWorkingData(grouped.workspace, grouped.store, [grouped.project]);
    const { datasets } = await diffLocks(working.blobs, { version: 1, datasets: {} }, working.lock);
    expect(datasets.fruit?.classes).toEqual({ before: {}, after: { apple: 1 } });
    await grouped.remove();
  });

  test('makes no difference if unchanged or not checked out', async () => {
    await lock();
    expect(await difference()).toEqual({ datasets: {}, absent: [] });
    await rm(here.path(''), { recursive: true });
    expect(await difference()).toEqual({ datasets: {}, absent: ['fruit'] });
  });
});

describe('a damaged store', () => {
  const packFile = async () => {
    const [pack] = openStore(here.root).packs.packs();
    if (!pack) throw new Error('the data is in a pack');
    return pack;
  };

  test('a flipped byte is found on reading and by fsck, with digest, file and offset', async () => {
    await lock();
    const pack = await packFile();
    const [entry] = pack.index.entries();
    if (!entry) throw new Error('the pack has entries');
    const content = await readFile(pack.path);
    content[entry.offset] = (content[entry.offset] ?? 0) ^ 1;
    await writeFile(pack.path, content);
    const { digest, offset } = entry;
    await expect(openStore(here.root).get(digest)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      details: { digest, offset, file: pack.path },
    });
    expect((await fsck()).findings).toEqual([
      expect.objectContaining({ code: 'STORE_CORRUPT', digest, file: `packs/${pack.name}.pack` }),
    ]);
  });

  /** Flips a byte of the blob of a file of the lock. */
  const breakBlob = async (file: string) => {
    const entries = await readManifest(here.store, await lockedFruit());
    const digest = entries.find(({ path }) => path === file)?.digest;
    const place = digest && openStore(here.root).packs.find(digest);
    if (!place) throw new Error(`${file} is in a pack`);
    const content = await readFile(place.pack.path);
    content[place.entry.offset] = (content[place.entry.offset] ?? 0) ^ 1;
    await writeFile(place.pack.path, content);
    here.store.close();
    return digest;
  };

  test('repair drops a damaged blob and keeps the others; lock restores it', async () => {
    const digest = await breakBlob('apple/2.jpg');
    const [finding, ...others] = (await fsck(true)).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'STORE_CORRUPT', digest });
    expect(finding?.message).toContain('fruit: apple/2.jpg');
    expect((await fsck()).findings).toMatchObject([{ code: 'STORE_MISSING', digest }]);
    await lockProject(here.workspace, openStore(here.root), here.project);
    expect((await fsck()).findings).toEqual([]);
  });

  test('pull restores only the blob that repair dropped', async () => {
    const { root, workspace } = here;
    const remote = createFolderRemote(join(root, 'remote'));
    const locked = await lock();
    const collect = (store: Store) => collectReferences(store, { root, lock: locked });
    await push({ workspace, store: here.store, remote }, await collect(here.store));
    const digest = await breakBlob('pear/1.jpg');
    await fsck(true);
    const store = openStore(root);
    const pulled = await pull({ workspace, store, remote }, () => collect(store));
    expect(pulled).toMatchObject({ blobs: 1, missing: [] });
    expect(Buffer.from(await store.get(digest)).toString()).toBe('p1');
    expect((await fsck()).findings).toEqual([]);
  });

  test('repair drops a damaged blob that is a separate file', async () => {
    const { digest } = await here.store.put(Buffer.from('a stage output'));
    await writeFile(here.store.objects.pathOf(digest), 'other bytes');
    expect((await fsck(true)).findings).toMatchObject([{ code: 'STORE_CORRUPT', digest }]);
    expect(await openStore(here.root).has(digest)).toBe(false);
  });

  test('a damaged record head does not hide blobs from repair', async () => {
    const digest = await breakBlob('apple/1.jpg');
    const pack = await packFile();
    const content = await readFile(pack.path);
    // The length of the first record.
    content.writeUInt32LE(0xffff_ffff, 8 + 32);
    await writeFile(pack.path, content);
    expect((await fsck(true)).findings).toMatchObject([
      { code: 'STORE_CORRUPT', digest },
      { code: 'PACK_DAMAGED' },
    ]);
    expect((await fsck()).findings).toMatchObject([{ code: 'STORE_MISSING', digest }]);
  });

  test('checkout writes every other file before it names the damaged one', async () => {
    const locked = await lockedFruit();
    const digest = await breakBlob('apple/1.jpg');
    await rm(here.path(''), { recursive: true });
    const checkout = checkoutDataset(here.workspace, openStore(here.root), locked, false);
    await expect(checkout).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      details: { digest },
      hint: expect.stringContaining('fsck --repair'),
    });
    expect(await readdir(here.path(''), { recursive: true })).toEqual(
      expect.arrayContaining([join('apple', '2.jpg'), join('pear', '1.jpg')]),
    );
  });

  test('a pack that lost its tail keeps its complete blobs', async () => {
    await lock();
    const pack = await packFile();
    const entries = pack.index.entries().sort((a, b) => a.offset - b.offset);
    await truncate(pack.path, (await stat(pack.path)).size - 1);
    const [first, , last] = entries;
    if (!first || !last) throw new Error('the pack has three entries');
    const store = openStore(here.root);
    expect((await store.get(first.digest)).length).toBe(2);
    await expect(store.get(last.digest)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect((await fsck()).findings).toMatchObject([{ digest: last.digest }]);
  });

  test('a damaged index is rebuilt from its pack, permanently with repair', async () => {
    const { digest } = await lockedFruit();
    const pack = await packFile();
    await writeFile(pack.path.replace(/pack$/, 'idx'), 'not an index');
    expect(openStore(here.root).packs.packs()[0]?.index.count).toBe(3);
    expect((await fsck(true)).findings).toMatchObject([{ code: 'INDEX_DAMAGED' }]);
    expect((await fsck()).findings).toEqual([]);
    expect(await openStore(here.root).has(digest)).toBe(true);
  });

  test('a missing blob is an error that says to pull', async () => {
    await lock();
    await rm(here.store.packs.folder, { recursive: true });
    const { findings } = await fsck();
    expect(findings.map(({ code }) => code)).toEqual(Array(3).fill('STORE_MISSING'));
    const digest = findings[0]?.digest;
    const reading = openStore(here.root).get(
      digest?.startsWith('sha256:') ? `sha256:${digest.slice(7)}` : 'sha256:',
    );
    await expect(reading).rejects.toMatchObject({ code: 'STORE_MISSING', hint: /pull/ });
  });
});

describe('a table', () => {
  const csv = 'species,mass,sex\nAdelie,3750,male\n"Gentoo, big",,female\nAdelie,3800,\n';
  const table = {
    label: 'species',
    features: {
      mass: { kind: 'number', missing: 0.05 },
      sex: { kind: 'category', missing: 0.05 },
    },
  } as const;

  async function lockTable(content: string) {
    await writeFile(join(here.root, 'penguins.csv'), content);
    const { project } = here;
    const data = { ...project.definition.data, name: 'penguins', path: 'penguins.csv' };
    const task = 'tabular-classification' as const;
    const tabular = { ...project, definition: { ...project.definition, task, data, table } };
    const { penguins } = (await lockProject(here.workspace, here.store, tabular)).datasets;
    if (!penguins) throw new Error('penguins is locked');
    return penguins;
  }

  test.for(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'a class called %s is counted like any other, and the lock can be read again',
    async (label) => {
      const rows = Array.from({ length: 40 }, (_, at) => `${at % 2 ? label : 'driver'},${at},male`);
      const locked = await lockTable(['species,mass,sex', ...rows, ''].join('\n'));
      const counts = Object.values(locked.splits).flatMap((split) => Object.entries(split));
      const total = (name: string) =>
        counts.filter(([of]) => of === name).reduce((sum, [, count]) => sum + count, 0);
      expect([total(label), total('driver')]).toEqual([20, 20]);
      expect((await readLock(here.root)).datasets.penguins).toEqual(locked);
    },
  );

  test('rows are examples with their columns, missing values empty', async () => {
    const locked = await lockTable(csv);
    expect(locked).toMatchObject({ kind: 'table', files: 1 });
    const examples = await readExamples(here.store, locked, {
      split: here.project.definition.split,
      table,
    });
    expect(
      examples
        .sort((a, b) => Number(a.row) - Number(b.row))
        .map(({ row, label, metadata }) => [row, label, metadata.mass, metadata.sex]),
    ).toEqual([
      [1, 'Adelie', '3750', 'male'],
      [2, 'Gentoo, big', '', 'female'],
      [3, 'Adelie', '3800', ''],
    ]);
    expect(new Set(examples.map(({ id }) => id)).size).toBe(3);
  });

  test('a CSV that is broken or lacks the label is rejected with the reason', async () => {
    await expect(lockTable('species,mass\nAdelie\n')).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
    await expect(lockTable('kind,mass\nAdelie,3\n')).rejects.toThrow(/no column "species"/);
  });
});
