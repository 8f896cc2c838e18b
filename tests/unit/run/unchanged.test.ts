import { copyFile, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { recallAnswer } from '../../../pipeline/commands/recall-answer.ts';
import { rememberAnswer } from '../../../pipeline/commands/unchanged.ts';
import { openStore } from '../../../pipeline/data/index.ts';
import { createFileLog } from '../../../pipeline/lib/file-log.ts';
import { readTreeState } from '../../../pipeline/lib/file-state.js';
import { git } from '../../../pipeline/lib/git.ts';
import { digestJson } from '../../../pipeline/lib/hash.ts';
import { writeJson } from '../../../pipeline/lib/json.ts';
import { recall } from '../../../pipeline/recall.js';
import type { Artefact } from '../../../pipeline/types.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';
import { createRepository } from '../stages/temporary-repository.ts';

const parameters = 'pipeline/projects/pumpkins/params.json';
const source = 'pipeline/training/fit.ts';
const library = 'node_modules/library/package.json';
const candidate = '.mainstem/runs/pumpkins/candidate.json';
const latest = '.mainstem/runs/pumpkins/latest.json';
const key = digestJson('the key of train');
const files = {
  [parameters]: '{}',
  [source]: 'export const fit = 1;\n',
  [library]: '{"version":"1.0.0"}',
  'data.lock.json': '{}',
  '.gitignore': 'node_modules\n.mainstem\nphotos\n',
  'photos/good/one.jpg': 'one',
};
/** Where a module looked for another that is not there. */
const missing = 'pipeline/training/worker.ts';

type Repository = Awaited<ReturnType<typeof remembering>>;

/** A repository in git whose answer is remembered once its files have settled. */
async function remembering() {
  const repository = await createRepository(files);
  const { root } = repository;
  await commit(root);
  const { weights } = await storeResults(root);
  await sleep(150);
  await remember(root);
  return { ...repository, weights };
}

async function commit(root: string): Promise<string> {
  const who = ['-c', 'user.name=Jen', '-c', 'user.email=jen@example.org'];
  await git(root, 'init', '--quiet');
  await git(root, 'add', '--all');
  await git(root, ...who, 'commit', '--quiet', '--allow-empty', '--message', 'State');
  return git(root, 'rev-parse', 'HEAD');
}

/** What a finished run leaves in the store and for later commands. */
async function storeResults(root: string): Promise<{ weights: Artefact }> {
  const store = openStore(root);
  const weights = await store.put(Buffer.from('weights'));
  await store.writeRecord({
    ...{ version: 1, project: 'pumpkins', key, status: 'done', outputs: { weights }, error: null },
    ...{ startedAt: '2026-11-01T08:00:00.000Z', seconds: 1 },
    ingredients: {
      stage: 'train',
      inputs: {},
      parameters: {},
      code: {},
      packages: {},
      backend: '',
    },
  });
  await writeJson(join(root, candidate), await recordOf(root));
  await writeJson(join(root, latest), { version: 1, stages: { train: key } });
  return { weights };
}

async function recordOf(root: string) {
  const onnx = { digest: key, bytes: 1, mediaType: 'application/onnx' };
  const head = await git(root, 'rev-parse', 'HEAD');
  const dirty = (await git(root, 'status', '--porcelain')) !== '';
  return { ...buildRecord(pumpkins, onnx), commit: head, dirty };
}

/** Remembers the answer of a run that reused everything. */
async function remember(root: string, log = createFileLog(root)): Promise<void> {
  for (const path of [...Object.keys(files).filter((path) => !/photos|ignore/.test(path)), missing])
    log.look(path);
  const [stage, paths] = ['train', ['photos']];
  const stages = [
    {
      stage,
      action: 'reused',
      key,
      reasons: [],
      seconds: 1,
      startedAt: null,
      error: null,
    } as const,
  ];
  await rememberAnswer({
    ...{ root, question: 'run-pumpkins-auto', answer: 'all reused', log, stages },
    data: { paths, ...readTreeState(root, paths) },
    store: openStore(root),
    record: await recordOf(root),
  });
}

/** What `mainstem run pumpkins` is answered from memory. */
const answerIn = ({ root }: { root: string }) => recallAnswer(root, ['run', 'pumpkins']);

/** … before the pinned Node, and with it a parser, is started. */
const earlyAnswerIn = ({ root }: { root: string }, node = process.execPath) =>
  recall(root, 'run-pumpkins-auto', { node });

const candidateIn = async ({ root }: { root: string }) =>
  JSON.parse(await readFile(join(root, candidate), 'utf8'));

test('an untouched tree gives the answer again', async () => {
  const repository = await remembering();
  expect(await answerIn(repository)).toBe('all reused');
  expect(await earlyAnswerIn(repository)).toBe('all reused');
});

test.each([
  ['another project', ['run', 'penguins']],
  ['another backend', ['run', 'pumpkins', '--backend', 'wasm']],
  ['a forced run', ['run', 'pumpkins', '--force']],
  ['a run for programs', ['run', 'pumpkins', '--json']],
  ['another command', ['report', 'pumpkins']],
])('%s has no remembered answer', async (_what, args) => {
  const { root } = await remembering();
  expect(await recallAnswer(root, args)).toBeNull();
});

test.each([
  ['a new file', 'pipeline/projects/penguins/model.ts', 'export {};'],
  ['a document', 'README.md', '# Hello'],
  ['another project’s record', '.mainstem/store/records/two.json', '{}'],
  ['a touched parameter file', parameters, '{}'],
  ['a touched source file', source, files[source] ?? ''],
])('%s changes no answer', async (_what, path, text) => {
  const repository = await remembering();
  await repository.write({ [path]: text });
  expect(await earlyAnswerIn(repository)).toBe('all reused');
});

test('a comment changes no answer, but only a parser can tell', async () => {
  const repository = await remembering();
  await repository.write({ [source]: '// Fits.\nexport const fit = 1;\n' });
  expect(await earlyAnswerIn(repository)).toBeNull();
  expect(await answerIn(repository)).toBe('all reused');
  expect(await earlyAnswerIn(repository)).toBe('all reused');
});

test.each([
  ['a changed parameter', parameters, '{ }'],
  ['changed code', source, 'export const fit = 2;\n'],
  ['broken code', source, 'export const fit = ;\n'],
  ['another lock', 'data.lock.json', '{"version":1}'],
  ['another version of a package', library, '{"version":"1.0.1"}'],
  ['a package that came', 'node_modules/@tensorflow/tfjs-node/package.json', '{}'],
  ['a file where a module looked for one', missing, ''],
  ['a changed photo', 'photos/good/one.jpg', 'two'],
  ['the same photo written again', 'photos/good/one.jpg', 'one'],
  ['a new photo', 'photos/good/two.jpg', 'two'],
  ['another candidate', candidate, '{}'],
  ['another latest run', latest, '{}'],
])('%s makes it look again', async (_what, path, text) => {
  const repository = await remembering();
  await repository.write({ [path]: text });
  expect(await answerIn(repository)).toBeNull();
});

test.each([
  ['a source file', () => source],
  ['a package', () => library],
  ['the candidate', () => candidate],
  ['a stage’s record', ({ root }: Repository) => openStore(root).recordPath(key)],
  [
    'an artefact',
    ({ root, weights }: Repository) => openStore(root).objects.pathOf(weights.digest),
  ],
])('%s that is gone makes it look again', async (_what, pathIn) => {
  const repository = await remembering();
  const path = pathIn(repository);
  await rm(path.startsWith('/') ? path : join(repository.root, path));
  expect(await answerIn(repository)).toBeNull();
});

test('a file of the same size whose time was set back is read', async () => {
  const repository = await remembering();
  const path = join(repository.root, source);
  const { atime, mtime, size } = await stat(path);
  await writeFile(path, 'export const fit = 2;\n');
  await utimes(path, atime, mtime);
  expect((await stat(path)).size).toBe(size);
  expect(await earlyAnswerIn(repository)).toBeNull();
  expect(await answerIn(repository)).toBeNull();
});

test('a touched file is read again until a further change is sure to show', async () => {
  const repository = await remembering();
  await repository.write({ [source]: files[source] ?? '' });
  expect(await earlyAnswerIn(repository)).toBe('all reused');
  await repository.write({ [source]: 'export const fit = 2;\n' });
  expect(await answerIn(repository)).toBeNull();
});

test('another Node has no remembered answer', async () => {
  const repository = await remembering();
  const other = join(repository.root, 'node');
  await writeFile(other, '');
  expect(await earlyAnswerIn(repository, other)).toBeNull();
});

test('the candidate follows the checkout to another commit', async () => {
  const repository = await remembering();
  const before = await candidateIn(repository);
  const head = await commit(repository.root);
  expect(await earlyAnswerIn(repository)).toBe('all reused');
  expect(await candidateIn(repository)).toEqual({ ...before, commit: head, dirty: false });
  expect(await earlyAnswerIn(repository)).toBe('all reused');

  await repository.write({ 'README.md': '# Hello' });
  expect(await earlyAnswerIn(repository)).toBe('all reused');
  expect(await candidateIn(repository)).toEqual({ ...before, commit: head, dirty: true });
});

test('a promotion makes no tree dirty', async () => {
  const repository = await remembering();
  await repository.write({ 'models/pumpkins/production.json': '{}' });
  await answerIn(repository);
  expect(await candidateIn(repository)).toMatchObject({ dirty: false });
});

test('a linked working tree has the commit of its own', async () => {
  const main = await createRepository(files);
  await commit(main.root);
  const root = join(main.root, '..', `${main.root.split('/').at(-1)}-linked`);
  await git(main.root, 'worktree', 'add', '--quiet', root);
  try {
    for (const path of [library, 'photos/good/one.jpg']) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await copyFile(join(main.root, path), join(root, path));
    }
    await storeResults(root);
    await sleep(150);
    await remember(root);
    const head = await commit(root);
    expect(await answerIn({ root })).toBe('all reused');
    expect(await candidateIn({ root })).toMatchObject({ commit: head, dirty: false });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test('a tree that was changed this very moment is not remembered', async () => {
  const repository = await remembering();
  await rm(join(repository.root, '.mainstem', 'unchanged'), { recursive: true });
  await repository.write({ 'data.lock.json': '{}' });
  const log = createFileLog(repository.root);
  log.look('data.lock.json');
  await remember(repository.root, log);
  expect(await answerIn(repository)).toBeNull();
});

test('an answer is not remembered if a file changed while it was worked out', async () => {
  const { root } = await remembering();
  await rm(join(root, '.mainstem', 'unchanged'), { recursive: true });
  const log = createFileLog(root);
  log.look(source);
  await rename(join(root, source), join(root, `${source}.old`));
  await copyFile(join(root, `${source}.old`), join(root, source));
  const record = await recordOf(root);
  const data = { paths: [], state: '', settled: true };
  const grounds = { question: 'run-pumpkins-auto', answer: 'all reused', stages: [], record, data };
  await rememberAnswer({ root, log, store: openStore(root), ...grounds });
  expect(await answerIn({ root })).toBeNull();
});

test('an answer is not remembered if another run has left its candidate meanwhile', async () => {
  const { root } = await remembering();
  await rm(join(root, '.mainstem', 'unchanged'), { recursive: true });
  await writeJson(join(root, candidate), { ...(await recordOf(root)), run: 'ba9876543210' });
  await remember(root);
  expect(await answerIn({ root })).toBeNull();
});

test('a damaged memory is none', async () => {
  const repository = await remembering();
  await repository.write({ '.mainstem/unchanged/run-pumpkins-auto.json': '{"format":1' });
  expect(await answerIn(repository)).toBeNull();
});
