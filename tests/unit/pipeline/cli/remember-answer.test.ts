import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { questionOf, recall } from '../../../../pipeline/cli/recall.js';
import { rememberAnswer } from '../../../../pipeline/cli/remember-answer.ts';
import type { ProjectContext } from '../../../../pipeline/context.ts';
import { createFileLog } from '../../../../platform/lib/file-log.ts';
import { readTreeState } from '../../../../platform/lib/file-state.js';
import { git } from '../../../../platform/lib/git.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { writeJson } from '../../../../platform/lib/json-file.ts';
import type { Artefact, Workspace } from '../../../../platform/schemas/index.ts';
import { lockProject, openStore, readLock } from '../../../../platform/storage/index.ts';
import { buildRecord, createModelRepository, pumpkins } from '../../../helpers/model-repository.ts';
import { buildProject } from '../../../helpers/project.ts';
import { createRepository } from '../../../helpers/temporary-repository.ts';

const parameters = 'pipeline/projects/pumpkins/params.json';
const source = 'pipeline/training/fit.ts';
const library = 'node_modules/library/package.json';
const candidate = '.mainstem/runs/pumpkins/candidate.json';
const latest = '.mainstem/runs/pumpkins/latest.json';
const champion = 'models/pumpkins/production.json';
const photo = 'data/pumpkins/good/one.jpg';
/** Where a module looked for another that is not there. */
const missing = 'pipeline/training/worker.ts';
const key = digestJson('the key of train');
const files = {
  [parameters]: '{}',
  [source]: 'export const fit = 1;\n',
  [library]: '{"version":"1.0.0"}',
  '.gitignore': 'node_modules\n.mainstem\ndata/\n',
  [photo]: 'one',
};
/** What the command looked at. */
const noted = [parameters, source, library, 'data.lock.json', missing, champion];

interface Results {
  readonly context: ProjectContext;
  readonly weights: Artefact;
}
type Repository = Awaited<ReturnType<typeof remembering>>;

/** A repository in git whose answer is remembered once its files have settled. */
async function remembering() {
  const repository = await createRepository(files);
  const results = await storeResults(repository.workspace);
  await sleep(150);
  await remember(results.context);
  return { ...repository, ...results };
}

async function commit(root: string): Promise<string> {
  const who = ['-c', 'user.name=Jen', '-c', 'user.email=jen@example.org'];
  await git(root, 'init', '--quiet');
  await git(root, 'add', '--all');
  await git(root, ...who, 'commit', '--quiet', '--allow-empty', '--message', 'State');
  return git(root, 'rev-parse', 'HEAD');
}

/** Locks the data, commits, and leaves what a finished run leaves in the store and for later commands. */
async function storeResults(workspace: Workspace): Promise<Results> {
  const { root } = workspace;
  const [project, store] = [buildProject(root), openStore(root)];
  await lockProject(workspace, store, project);
  await commit(root);
  const weights = await store.put(Buffer.from('weights'));
  await store.writeRecord({
    ...{ version: 1, project: 'pumpkins', key, status: 'done', outputs: { weights }, error: null },
    ...{ startedAt: '2026-11-01T08:00:00.000Z', seconds: 1 },
    ingredients: {
      ...{ stage: 'train', inputs: {}, parameters: {}, code: {}, packages: {}, backend: '' },
    },
  });
  await writeJson(join(root, candidate), await recordOf(root));
  await writeJson(join(root, latest), { version: 1, stages: { train: key } });
  const context = { workspace, project, lock: await readLock(root), store };
  return { context, weights };
}

async function recordOf(root: string) {
  const onnx = { digest: key, bytes: 1, mediaType: 'application/onnx' };
  const head = await git(root, 'rev-parse', 'HEAD');
  const dirty = (await git(root, 'status', '--porcelain')) !== '';
  return { ...buildRecord(pumpkins, onnx), commit: head, dirty };
}

/** Remembers the answer of a run that reused everything. */
async function remember(
  context: ProjectContext,
  log = createFileLog(context.workspace.root),
): Promise<void> {
  const { root } = context.workspace;
  for (const path of noted) log.observe(path);
  const facts = { reasons: [], seconds: 1, startedAt: null, error: null };
  const paths = ['data/pumpkins'];
  await rememberAnswer({
    ...{ context, question: 'run-pumpkins-auto', answer: 'all reused', log },
    stages: [{ stage: 'train', action: 'reused', key, ...facts }],
    data: { paths, ...readTreeState(root, paths) },
    record: await recordOf(root),
  });
}

/** Forgets what has been remembered. */
const forget = ({ root }: { root: string }) =>
  rm(join(root, '.mainstem', 'unchanged'), { recursive: true });

/** The remembered answer, as a process that can parse finds it. */
const answerIn = ({ root }: { root: string }) => ask(root, ['run', 'pumpkins']);

/** The same as bootstrap.js finds it on any Node, without a parser. */
const earlyAnswerIn = ({ root }: { root: string }, node = process.execPath) =>
  recall(root, 'run-pumpkins-auto', { node, canParse: false });

async function ask(root: string, args: readonly string[]): Promise<string | null> {
  const question = questionOf(args);
  return question && recall(root, question, { node: process.execPath, canParse: true });
}

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
  expect(await ask(root, args)).toBeNull();
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

test('native parts of backends in another folder make it look again, and so does a new one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-parts-'));
  try {
    vi.stubEnv('MAINSTEM_BACKENDS', folder);
    const repository = await remembering();
    expect(await answerIn(repository)).toBe('all reused');
    vi.stubEnv('MAINSTEM_BACKENDS', '');
    expect(await answerIn(repository)).toBeNull();
    vi.stubEnv('MAINSTEM_BACKENDS', folder);
    expect(await answerIn(repository)).toBe('all reused');
    await mkdir(join(folder, 'tensorflow'));
    expect(await answerIn(repository)).toBeNull();
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
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
  ['another model in production', champion, '{}'],
  ['another version of a package', library, '{"version":"1.0.1"}'],
  ['a package that is installed now', 'node_modules/@tensorflow/tfjs-node/package.json', '{}'],
  ['a file where a module looked for one', missing, ''],
  ['a changed photo', photo, 'two'],
  ['the same photo written again', photo, 'one'],
  ['a new photo', 'data/pumpkins/good/two.jpg', 'two'],
  ['another candidate', candidate, '{}'],
  ['another latest run', latest, '{}'],
])('%s makes it look again', async (_what, path, text) => {
  const repository = await remembering();
  await repository.write({ [path]: text });
  expect(await answerIn(repository)).toBeNull();
});

function firstPack({ store }: ProjectContext): string {
  const [pack] = store.packs.packs();
  if (!pack) throw new Error('no pack');
  return pack.name;
}

function manifestPath({ lock, store }: ProjectContext): string {
  const { pumpkins: locked } = lock.datasets;
  if (!locked) throw new Error('no data in the lock');
  return store.objects.pathOf(locked.digest);
}

test.each([
  ['a source file', () => source],
  ['a package', () => library],
  ['the candidate', () => candidate],
  ['a stage’s record', ({ context }: Repository) => context.store.recordPath(key)],
  [
    'an artefact',
    ({ context, weights }: Repository) => context.store.objects.pathOf(weights.digest),
  ],
  [
    'a pack with locked data',
    ({ context }: Repository) => join(context.store.packs.folder, `${firstPack(context)}.pack`),
  ],
  ['locked data outside packs', ({ context }: Repository) => manifestPath(context)],
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

test('the candidate names the commit that is checked out', async () => {
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
  await repository.write({ 'models/pumpkins/staging.json': '{}' });
  await answerIn(repository);
  expect(await candidateIn(repository)).toMatchObject({ dirty: false });
});

test('a linked working tree has a commit of its own', async () => {
  const main = await createRepository(files);
  await commit(main.root);
  const root = join(main.root, '..', `${main.root.split('/').at(-1)}-linked`);
  await git(main.root, 'worktree', 'add', '--quiet', root);
  try {
    for (const path of [library, photo]) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await copyFile(join(main.root, path), join(root, path));
    }
    const { context } = await storeResults({ ...main.workspace, root });
    await sleep(150);
    await remember(context);
    const head = await commit(root);
    expect(await answerIn({ root })).toBe('all reused');
    expect(await candidateIn({ root })).toMatchObject({ commit: head, dirty: false });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test('a tree that has just been changed is not remembered', async () => {
  const repository = await remembering();
  await forget(repository);
  await repository.write({ [parameters]: '{}' });
  await remember(repository.context);
  expect(await answerIn(repository)).toBeNull();
});

test('an answer is not remembered if a file changed while it was worked out', async () => {
  const { root, context } = await remembering();
  await forget({ root });
  const log = createFileLog(root);
  log.observe(source);
  await rename(join(root, source), join(root, `${source}.old`));
  await copyFile(join(root, `${source}.old`), join(root, source));
  await remember(context, log);
  expect(await answerIn({ root })).toBeNull();
});

test('an answer is not remembered if a file disappeared while it was worked out', async () => {
  const { root, context } = await remembering();
  await forget({ root });
  const log = createFileLog(root);
  log.observe(source);
  await rm(join(root, source));
  await remember(context, log);
  expect(await answerIn({ root })).toBeNull();
});

test('an answer is not remembered if another run has left its candidate meanwhile', async () => {
  const { root, context } = await remembering();
  await forget({ root });
  await writeJson(join(root, candidate), { ...(await recordOf(root)), run: 'ba9876543210' });
  await remember(context);
  expect(await answerIn({ root })).toBeNull();
});

test('no answer is remembered while the store lacks what serves: every run asks a remote for it', async () => {
  const { root, context } = await remembering();
  await forget({ root });
  const promoted = await createModelRepository(pumpkins);
  await cp(join(promoted.root, 'models'), join(root, 'models'), { recursive: true });
  await promoted.remove();
  await sleep(150);
  await remember(context);
  expect(await answerIn({ root })).toBeNull();
});

test('a damaged file is no remembered answer', async () => {
  const repository = await remembering();
  await repository.write({ '.mainstem/unchanged/run-pumpkins-auto.json': '{"format":1' });
  expect(await answerIn(repository)).toBeNull();
});
