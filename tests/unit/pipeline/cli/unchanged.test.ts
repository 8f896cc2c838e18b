import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  readDataState,
  readTreeState,
  readUnchanged,
  writeUnchanged,
} from '../../../../pipeline/cli/unchanged.ts';
import { createRepository } from '../../../helpers/temporary-repository.ts';

const files = {
  'pipeline/projects/tiny/params.json': '{}',
  'data.lock.json': '{}',
  '.mainstem/store/records/one.json': '{}',
  'photos/good/one.jpg': 'one',
};

/** Remembers an answer for a project whose data is in `photos`. */
async function remember(root: string): Promise<void> {
  const before = readTreeState(root);
  const data = readDataState(root, ['photos']);
  await writeUnchanged(root, 'run-tiny', { before, data, answer: 'all reused' });
}

/** A tree whose answer is remembered. */
async function remembering() {
  const repository = await createRepository(files);
  await sleep(150);
  await remember(repository.root);
  return repository;
}

const answerIn = ({ root }: { root: string }) => readUnchanged(root, 'run-tiny');

test('an untouched tree gives the answer again', async () => {
  expect(answerIn(await remembering())).toBe('all reused');
});

test('another question has no answer', async () => {
  const { root } = await remembering();
  expect(readUnchanged(root, 'run-other')).toBeNull();
});

test.each([
  ['a changed parameter', 'pipeline/projects/tiny/params.json', '{ }'],
  ['the same text written again', 'pipeline/projects/tiny/params.json', '{}'],
  ['a new source file', 'pipeline/new.ts', ''],
  ['another lock', 'data.lock.json', '{"version":1}'],
  ['newly installed packages', 'node_modules/.package-lock.json', '{}'],
  ['another commit', '.git/HEAD', 'ref'],
  ['a changed photo', 'photos/good/one.jpg', 'two'],
  ['a new photo', 'photos/good/two.jpg', 'two'],
  ['a new record', '.mainstem/store/records/two.json', '{}'],
])('%s makes it look again', async (_what, path, text) => {
  const repository = await remembering();
  await repository.write({ [path]: text });
  expect(answerIn(repository)).toBeNull();
});

test('a record that is gone makes it look again', async () => {
  const repository = await remembering();
  await rm(join(repository.root, '.mainstem/store/records/one.json'));
  expect(answerIn(repository)).toBeNull();
});

test('a tree that was changed this very moment is not remembered', async () => {
  const { root } = await createRepository(files);
  await remember(root);
  expect(answerIn({ root })).toBeNull();
});

test('a linked working tree is not remembered: its commit is noted elsewhere', async () => {
  const repository = await createRepository({ ...files, '.git': 'gitdir: elsewhere' });
  await sleep(150);
  await remember(repository.root);
  expect(answerIn(repository)).toBeNull();
});
