import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import {
  checkoutDataset,
  joinLock,
  lockProject,
  type PreferredSide,
  readLock,
  readManifest,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

let here: DataRepository;
beforeEach(async () => {
  here = await createDataRepository();
  await here.write({ 'apple/1.jpg': 'a1', 'apple/2.jpg': 'a2', 'pear/1.jpg': 'p1' });
  await here.write({ 'metadata.csv': 'file,tree\napple/1.jpg,x\n' });
  await lock();
  await here.commit('Start');
});
afterEach(() => here.remove());

const lock = () => lockProject(here.workspace, here.store, here.project);
const joined = (prefer?: PreferredSide) => {
  const { workspace, store, project } = here;
  return joinLock({ workspace, store, projects: [project], prefer });
};

/** Locks and commits a change of the data on a new branch from main. */
async function branch(name: string, change: () => Promise<void>): Promise<void> {
  await git(here.root, 'switch', '-qc', name, 'main');
  const { fruit } = (await readLock(here.root)).datasets;
  if (fruit) await checkoutDataset(here.workspace, here.store, fruit, true);
  await change();
  await lock();
  await here.commit(name);
}

/** Merges a branch into the one that is checked out. */
const merge = (name: string) =>
  git(here.root, 'merge', '-q', name).then(
    () => 'merged',
    () => 'conflict',
  );

const addRow = async (row: string) => {
  const path = here.path('metadata.csv');
  await writeFile(path, `${await readFile(path, 'utf8')}${row}\n`);
};

test('both sides of a merge are named in the error, which says how to join them', async () => {
  await branch('apples', () => here.write({ 'apple/3.jpg': 'a3' }));
  await branch('pears', () => here.write({ 'pear/2.jpg': 'p2' }));
  expect(await merge('apples')).toBe('conflict');
  await expect(readLock(here.root)).rejects.toMatchObject({
    code: 'DATA_LOCK_CONFLICT',
    message: 'data.lock.json has an unresolved merge conflict between HEAD and apples.',
    hint: expect.stringContaining('npx mainstem lock --join'),
  });
});

test('the joined lock has the data of both sides, and checkout writes it', async () => {
  await branch('apples', async () => {
    await here.write({ 'apple/3.jpg': 'a3', 'apple/1.jpg': 'better' });
    await addRow('apple/3.jpg,y');
  });
  await branch('pears', async () => {
    await here.write({ 'pear/2.jpg': 'p2' });
    await rm(here.path('apple/2.jpg'));
    await addRow('pear/2.jpg,z');
  });
  expect(await merge('apples')).toBe('conflict');
  const lockNow = await joined();
  expect(await readLock(here.root)).toEqual(lockNow);
  const { fruit } = (await readLock(here.root)).datasets;
  if (!fruit) throw new Error('fruit is locked');
  await checkoutDataset(here.workspace, here.store, fruit, false);
  expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('better');
  expect(await readFile(here.path('pear/2.jpg'), 'utf8')).toBe('p2');
  expect(await readFile(here.path('metadata.csv'), 'utf8')).toBe(
    'file,tree\napple/1.jpg,x\npear/2.jpg,z\napple/3.jpg,y\n',
  );
  const counts = Object.values(fruit.splits).flatMap((split) => Object.values(split));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4);
  await rm(here.path('apple/2.jpg'), { force: true });
  const [status] = await readStatus(
    here.workspace,
    here.store,
    { version: 1, datasets: { fruit } },
    here.project,
  );
  expect(status).toMatchObject({ state: 'clean', missing: [] });
});

test('the same data results from a rebase, in the other direction, and with diff3 markers', async () => {
  await branch('apples', () => here.write({ 'apple/3.jpg': 'a3' }));
  await branch('pears', () => here.write({ 'pear/2.jpg': 'p2' }));
  expect(await merge('apples')).toBe('conflict');
  const merged = await joined();
  await git(here.root, 'merge', '--abort');
  await git(here.root, 'config', 'merge.conflictStyle', 'diff3');
  await git(here.root, 'rebase', '-q', 'apples').catch(() => '');
  expect(await joined()).toEqual(merged);
});

test('a file that both sides changed is named, and nothing is written until a side is preferred', async () => {
  await branch('apples', () => here.write({ 'apple/1.jpg': 'theirs', 'apple/3.jpg': 'a3' }));
  await branch('pears', () => here.write({ 'apple/1.jpg': 'ours', 'pear/2.jpg': 'p2' }));
  expect(await merge('apples')).toBe('conflict');
  const before = await readFile(join(here.root, 'data.lock.json'), 'utf8');
  await expect(joined()).rejects.toMatchObject({
    code: 'DATA_JOIN_CONFLICT',
    details: { files: ['data/fruit/apple/1.jpg'] },
  });
  expect(await readFile(join(here.root, 'data.lock.json'), 'utf8')).toBe(before);
  const { fruit } = (await joined('theirs'))?.datasets ?? {};
  if (!fruit) throw new Error('fruit is locked');
  expect(fruit.files).toBe(6);
  await checkoutDataset(here.workspace, here.store, fruit, true);
  expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('theirs');
});

test('a row of metadata that both sides changed is a conflict too', async () => {
  const change = (tree: string) => () =>
    here.write({ 'metadata.csv': `file,tree\napple/1.jpg,${tree}\n` });
  await branch('apples', change('y'));
  await branch('pears', change('z'));
  expect(await merge('apples')).toBe('conflict');
  await expect(joined()).rejects.toMatchObject({
    details: { files: ['data/fruit/metadata.csv'] },
  });
});

test.each(['ours', 'theirs'] as const)(
  'a name that is a file on one side and a folder on the other is a conflict, until %s is preferred',
  async (side) => {
    await branch('file', () => here.write({ 'pear/wild': 'one' }));
    await branch('folder', () =>
      here.write({ 'pear/wild/1.jpg': 'w1', 'pear/wild/b/2.jpg': 'w2' }),
    );
    expect(await merge('file')).toBe('conflict');
    await expect(joined()).rejects.toMatchObject({
      code: 'DATA_JOIN_CONFLICT',
      details: { files: ['data/fruit/pear/wild'] },
    });
    await joined(side);
    const { fruit } = (await readLock(here.root)).datasets;
    if (!fruit) throw new Error('fruit is locked');
    const paths = (await readManifest(here.store, fruit)).map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith('pear/wild'))).toEqual(
      side === 'ours' ? ['pear/wild/1.jpg', 'pear/wild/b/2.jpg'] : ['pear/wild'],
    );
    await checkoutDataset(here.workspace, here.store, fruit, true);
  },
);

test('two names that nobody can tell apart, one of each side, are refused', async () => {
  await branch('composed', () => here.write({ 'pear/\u00e9.jpg': 'c' }));
  await branch('decomposed', () => here.write({ 'pear/e\u0301.jpg': 'd' }));
  expect(await merge('composed')).toBe('conflict');
  await expect(joined()).rejects.toMatchObject({ code: 'DATA_NAMES_ALIKE' });
});

test('what the store lacks of the other side is named with the command that fetches it', async () => {
  await branch('apples', () => here.write({ 'apple/3.jpg': 'a3' }));
  const { fruit } = (await readLock(here.root)).datasets;
  await branch('pears', () => here.write({ 'pear/2.jpg': 'p2' }));
  expect(await merge('apples')).toBe('conflict');
  if (fruit) await rm(here.store.objects.pathOf(fruit.digest));
  await expect(joined()).rejects.toMatchObject({
    code: 'STORE_MISSING',
    message: expect.stringContaining('"npx mainstem pull --rev apples" fetches it'),
  });
});

test('a lock without a conflict is left alone', async () => {
  expect(await joined()).toBeNull();
});
