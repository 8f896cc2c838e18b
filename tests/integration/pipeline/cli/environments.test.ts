import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { buildFarm, type Farm, furnish, openFarm } from '../../../helpers/farm.ts';
import { test } from '../../../helpers/folder.ts';

const parameters = 'pipeline/projects/tab/params.json';

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
  await experimentAndPromote(farm);
  await farm.edit(parameters, '"seed": 7', '"seed": 8');
  await experimentAndPromote(farm);
  expect(await git(farm.root, 'status', '--porcelain')).toBe('');
  await succeed(farm, 'verify', 'tab', '--base', 'HEAD~1');
  const before = JSON.parse((await farm.mainstem('history', 'tab', '--json')).out);
  expect(before).toMatchObject([{ kind: 'promotion' }, { kind: 'promotion' }]);
  await succeed(farm, 'rollback', 'tab');
  expect((await farm.mainstem('show', 'tab')).out).toContain(before[1].run);
  expect(await succeed(farm, 'status', '--check')).toContain('tab: as locked');
}

async function experimentAndPromote(farm: Farm): Promise<void> {
  await succeed(farm, 'experiment', 'tab');
  await succeed(farm, 'promote', 'tab');
}

describe('the loop runs', () => {
  test.for(["Jen's farm ñ 南瓜", 'a#b%20c?d&e', '"quoted" $HOME `x`', '-dash [1] {2} (3)'])(
    'in a folder called %s',
    async (name, { folder }) => loop(await buildFarm(join(folder, name))),
  );

  test('through a link, and from a folder inside', async ({ folder }) => {
    const { root } = await buildFarm(join(folder, 'farm'));
    await symlink(root, join(folder, 'link'));
    await loop(openFarm(join(folder, 'link')));
    const inside = join(root, 'pipeline/projects/tab');
    const status = await openFarm(root).mainstemIn(inside, {}, 'status', 'tab');
    expect(status).toMatchObject({ code: 0, out: 'tab: as locked\n' });
  });

  test('in a linked worktree', async ({ folder }) => {
    const { root } = await buildFarm(join(folder, 'farm'));
    const tree = join(folder, 'tree');
    await git(root, 'worktree', 'add', '--quiet', '-b', 'try', tree);
    await mkdir(join(tree, 'data'));
    await writeFile(join(tree, 'data/tab.csv'), await tableOf(root));
    await loop(await furnish(tree));
  });

  test('in a submodule', async ({ folder }) => {
    const { root } = await buildFarm(join(folder, 'farm'));
    const outer = join(folder, 'outer');
    await git(folder, 'init', '--quiet', outer);
    const add = ['submodule', 'add', '--quiet', root, 'farm'];
    await git(outer, '-c', 'protocol.file.allow=always', ...add);
    const inner = join(outer, 'farm');
    await adopt(inner, await tableOf(root));
    await loop(await furnish(inner));
  });

  test('with core.autocrlf=true', async ({ folder }) => {
    const { root } = await buildFarm(join(folder, 'farm'));
    const clone = join(folder, 'clone');
    await git(folder, 'clone', '--quiet', '-c', 'core.autocrlf=true', root, clone);
    await adopt(clone, await tableOf(root));
    await loop(await furnish(clone));
  });
});

async function tableOf(root: string): Promise<string> {
  return readFile(join(root, 'data/tab.csv'), 'utf8');
}

/** Gives a clone an author and the data, which git does not hold. */
async function adopt(root: string, table: string): Promise<void> {
  await git(root, 'config', 'user.name', 'Jen');
  await git(root, 'config', 'user.email', 'jen@example.org');
  await mkdir(join(root, 'data'), { recursive: true });
  await writeFile(join(root, 'data/tab.csv'), table);
}
