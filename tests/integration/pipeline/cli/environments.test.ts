import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { buildFarm, type Farm, furnish, openFarm } from '../../../helpers/farm.ts';
import { test } from '../../../helpers/folder.ts';

const parameters = 'pipeline/projects/tab/params.json';
/** What shells, addresses, globs and options give a meaning to. */
const oddName = `-Jen's "farm" ñ 南瓜 #1 %20 ?a&b [x] {y} $HOME`;

/** A farm in a folder with an odd name, after the loop; its start is the tag `start`. */
let grown: Farm;
let shelf = '';

beforeAll(async () => {
  shelf = await realpath(await mkdtemp(join(tmpdir(), 'mainstem-environments-')));
  grown = await buildFarm(join(shelf, oddName));
  await git(grown.root, 'tag', 'start');
});

afterAll(() => rm(shelf, { recursive: true, force: true }));

/** Runs a command that must succeed; returns what it printed. */
async function succeed(farm: Farm, ...args: string[]): Promise<string> {
  const { code, out, err } = await farm.mainstem(...args);
  expect(code, `mainstem ${args.join(' ')}\n${out}${err}`).toBe(0);
  return out + err;
}

/** The whole loop: lock, run, promote twice, verify, history, and back. */
async function loop(farm: Farm): Promise<void> {
  await succeed(farm, 'lock', 'tab');
  await git(farm.root, 'add', '--all');
  await git(farm.root, 'commit', '--quiet', '--allow-empty', '-m', 'Lock');
  await succeed(farm, 'experiment', 'tab');
  await succeed(farm, 'promote', 'tab');
  await farm.edit(parameters, '"seed": 7', '"seed": 8');
  await succeed(farm, 'experiment', 'tab');
  await succeed(farm, 'promote', 'tab');
  expect(await git(farm.root, 'status', '--porcelain')).toBe('');
  await succeed(farm, 'verify', 'tab', '--base', 'HEAD~1');
  const told = JSON.parse(await succeed(farm, 'history', 'tab', '--json'));
  expect(told).toMatchObject([{ kind: 'promotion' }, { kind: 'promotion' }]);
  await succeed(farm, 'rollback', 'tab');
  expect(await succeed(farm, 'show', 'tab')).toContain(told[1].run);
  expect(await succeed(farm, 'status', '--check')).toContain('tab: as locked');
}

/** Gives a clone what git does not hold: an author, packages, the data, and what was computed from it. */
async function adopt(root: string): Promise<Farm> {
  await git(root, 'config', 'user.name', 'Jen');
  await git(root, 'config', 'user.email', 'jen@example.org');
  await mkdir(join(root, 'data'), { recursive: true });
  await cp(join(grown.root, 'data'), join(root, 'data'), { recursive: true });
  await cp(join(grown.root, '.mainstem/store'), join(root, '.mainstem/store'), { recursive: true });
  return furnish(root);
}

/** Every stage is found in the store: the tree has the same run key as elsewhere, bit for bit. */
async function expectSameKey(farm: Farm): Promise<void> {
  const { stages } = JSON.parse(await succeed(farm, 'run', 'tab', '--json'));
  expect(stages.map(({ action }: { action: string }) => action)).toEqual(Array(5).fill('reused'));
}

describe('the loop runs', () => {
  test('in a folder whose name has blanks, quotes, signs and other scripts', () => loop(grown));

  test('through a link to the repository', async ({ folder }) => {
    const clone = join(folder, 'clone');
    await git(folder, 'clone', '--quiet', grown.root, clone);
    await git(clone, 'reset', '--quiet', '--hard', 'start');
    await adopt(clone);
    await symlink(clone, join(folder, 'link'));
    await loop(openFarm(join(folder, 'link')));
  });

  test('in a linked worktree', async ({ folder }) => {
    const tree = join(folder, 'tree');
    await git(grown.root, 'worktree', 'add', '--quiet', '-b', 'try', tree, 'start');
    const farm = await adopt(tree);
    await loop(farm);
    await expectSameKey(farm);
  });

  test('in a submodule', async ({ folder }) => {
    await git(folder, 'init', '--quiet', 'outer');
    const outer = join(folder, 'outer');
    const add = ['submodule', 'add', '--quiet', '--', grown.root, 'farm'];
    await git(outer, '-c', 'protocol.file.allow=always', ...add);
    const inner = join(outer, 'farm');
    await git(inner, 'reset', '--quiet', '--hard', 'start');
    await loop(await adopt(inner));
  });

  test('with core.autocrlf=true, and has the same run keys', async ({ folder }) => {
    const clone = join(folder, 'clone');
    await git(folder, 'clone', '--quiet', '-c', 'core.autocrlf=true', grown.root, clone);
    await git(clone, 'reset', '--quiet', '--hard', 'start');
    const farm = await adopt(clone);
    await loop(farm);
    await expectSameKey(farm);
  });
});

test('a command may be given anywhere in the repository, and in a hook of another one', async ({
  folder,
}) => {
  const inside = join(grown.root, 'pipeline/projects/tab');
  const asLocked = { code: 0, out: 'tab: as locked\n' };
  expect(await grown.mainstemIn(inside, {}, 'status', 'tab')).toMatchObject(asLocked);
  expect(await grown.mainstemIn(folder, {}, 'status', 'tab')).toMatchObject(asLocked);
  await git(folder, 'init', '--quiet', 'other');
  const ofOther = join(folder, 'other/.git');
  const hook = { GIT_DIR: ofOther, GIT_INDEX_FILE: join(ofOther, 'index'), GIT_PREFIX: 'a/' };
  const told = await grown.mainstemIn(folder, hook, 'history', 'tab', '--json');
  expect(JSON.parse(told.out), told.err).toHaveLength(3);
});

test('in a folder of another repository, every command refuses and names both', async ({
  folder,
}) => {
  const outer = join(folder, 'outer');
  await git(folder, 'init', '--quiet', 'outer');
  const inner = join(outer, 'mlops');
  await cp(grown.root, inner, { recursive: true, verbatimSymlinks: true });
  await rm(join(inner, '.git'), { recursive: true });
  const farm = openFarm(inner);
  for (const words of [['status'], ['run', 'tab'], ['promote', 'tab'], ['history', 'tab']]) {
    const { code, err } = await farm.mainstemIn(inner, {}, ...words);
    expect([code, err]).toEqual([3, expect.stringMatching(/^GIT_NESTED.*mlops.*outer/)]);
  }
  expect(await git(outer, 'status', '--porcelain')).toBe('?? mlops/');
});

test('in a sparse checkout, every command names what it needs and git leaves out', async ({
  folder,
}) => {
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', '--no-local', grown.root, clone);
  const farm = await adopt(clone);
  const code = ['pipeline', 'platform', 'serving', 'monitoring'];
  const leftOut = (folder: string) => ({
    code: 3,
    out: '',
    err: expect.stringMatching(
      new RegExp(`^GIT_SPARSE ${folder}/.*sparse checkout.*\\n.*sparse-checkout add ${folder}\\)`),
    ),
  });
  await git(clone, 'sparse-checkout', 'set', '--cone', ...code);
  const remote = join(folder, 'remote');
  const commands = [
    ['push', 'tab', '--remote', remote],
    ['show', 'tab'],
    ['card', 'tab'],
    ['serve'],
  ];
  for (const words of commands)
    expect(await farm.mainstem(...words), words.join(' ')).toEqual(leftOut('models'));
  await git(clone, 'sparse-checkout', 'set', '--cone', 'models', 'pipeline', 'platform');
  expect(await farm.mainstem('serve', '--port', '0')).toEqual(leftOut('serving'));
  const all = ['models', ...code];
  await git(
    clone,
    'sparse-checkout',
    'set',
    '--cone',
    ...all.filter((name) => name !== 'platform'),
    'platform/lib',
  );
  expect(await farm.mainstem('status', 'tab')).toEqual(leftOut('platform'));
  await git(clone, 'sparse-checkout', 'set', '--cone', ...all);
  await succeed(farm, 'push', 'tab', '--remote', remote);
  const { run } = JSON.parse(await readFile(join(clone, 'models/tab/production.json'), 'utf8'));
  await rm(join(clone, `models/tab/records/${run}.json`));
  const { code: exit, err } = await farm.mainstem('push', '--remote', remote);
  expect([exit, err]).toEqual([1, expect.stringContaining('MODEL_RECORD_MISSING')]);
});

test('where the store lacks what serves, a promotion says so, and what brings it back', async ({
  folder,
}) => {
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', '--no-local', grown.root, clone);
  const farm = await adopt(clone);
  const { run } = JSON.parse(await readFile(join(clone, 'models/tab/production.json'), 'utf8'));
  await rm(join(clone, '.mainstem/store'), { recursive: true });
  await succeed(farm, 'lock', 'tab');
  await farm.edit(parameters, /"seed": \d+/, '"seed": 9');
  await farm.mainstem('experiment', 'tab');
  const { code, err } = await farm.mainstem('promote', 'tab');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^PROMOTE_CHAMPION_MISSING .*predictions/),
  ]);
  expect(err).toContain(`npx mainstem reproduce ${run}`);
  await git(clone, 'stash', '--quiet');
  await succeed(farm, 'reproduce', run);
  await git(clone, 'stash', 'pop', '--quiet');
  expect((await farm.mainstem('promote', 'tab')).err).not.toContain('PROMOTE_CHAMPION_MISSING');
});

test('a shallow clone says that it does not know all of the history', async ({ folder }) => {
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', '--no-local', '--depth=1', grown.root, clone);
  const farm = await adopt(clone);
  expect(await succeed(farm, 'history', 'tab')).toMatch(/shallow.*git fetch --unshallow.*\n$/);
  const back = await farm.mainstem('rollback', 'tab');
  expect(back).toMatchObject({ code: 1, out: '' });
  expect(back.err).toContain('ROLLBACK_NOTHING');
  expect(back.err).toMatch(/in this shallow clone\.\n.*git fetch --unshallow/);
  const { run } = JSON.parse(await readFile(join(clone, 'models/tab/production.json'), 'utf8'));
  const again = await farm.mainstem('reproduce', run);
  expect(again.code).toBe(3);
  expect(again.err).toContain('REPRODUCE_SHALLOW');
  await git(clone, 'fetch', '--quiet', '--unshallow');
  const told = await succeed(farm, 'history', 'tab');
  expect(told).not.toContain('shallow');
  expect(told.trim().split('\n')).toHaveLength(3);
});

test('a commit on a detached HEAD comes with a warning', async ({ folder }) => {
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', grown.root, clone);
  await git(clone, 'switch', '--quiet', '--detach', 'HEAD~1');
  const farm = await adopt(clone);
  const back = await farm.mainstem('rollback', 'tab');
  expect(back.code, back.err).toBe(0);
  expect(back.err).toMatch(/HEAD is detached.*git switch --create/);
});

test('without a repository, what needs one says so, and the rest works', async ({ folder }) => {
  const bare = join(folder, 'copy');
  const env = { GIT_CEILING_DIRECTORIES: folder };
  await cp(grown.root, bare, { recursive: true, verbatimSymlinks: true });
  await rm(join(bare, '.git'), { recursive: true });
  const farm = openFarm(bare);
  expect(await farm.mainstemIn(bare, env, 'status', 'tab')).toMatchObject({ code: 0 });
  for (const command of ['history', 'promote', 'rollback', 'diff', 'verify']) {
    const words = command === 'diff' ? [command] : [command, 'tab'];
    const { code, err } = await farm.mainstemIn(bare, env, ...words);
    expect([command, code, /^[A-Z_]+/.exec(err)?.[0]]).toEqual([command, 3, 'GIT_NO_REPOSITORY']);
  }
});

test('a name that differs in case is not the project, on a volume that ignores case too', async () => {
  const { code, err } = await grown.mainstem('run', 'TAB');
  expect(code).toBe(2);
  expect(err).toContain('PROJECT_UNKNOWN There is no project "TAB"');
});
