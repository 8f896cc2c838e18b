import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { changedFiles } from '../../../../platform/registry/project-state.ts';
import { applyTreeChange } from '../../../../platform/registry/write.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

/** Two branches that changed one file differently; `main` is checked out. */
async function diverge({ root, write, commit }: Repository): Promise<void> {
  await write({ 'a.txt': '1', '.gitignore': '.mainstem/\n' });
  await commit('One');
  await git(root, 'switch', '--quiet', '--create', 'other');
  await write({ 'a.txt': '2' });
  await commit('Two');
  await git(root, 'switch', '--quiet', 'main');
  await write({ 'a.txt': '3' });
  await commit('Three');
}

const started: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a rebase', ['rebase', 'other'], ['rebase', '--abort']],
  ['a rebase by patches', ['rebase', '--apply', 'other'], ['rebase', '--abort']],
  ['a merge', ['merge', 'other'], ['merge', '--abort']],
  ['a cherry-pick', ['cherry-pick', 'other'], ['cherry-pick', '--abort']],
  ['a revert', ['revert', 'HEAD~1'], ['revert', '--abort']],
  ['a bisection', ['bisect', 'start'], ['bisect', 'reset']],
];

test.for(started)(
  'in the middle of %s nothing is promoted or rolled back, and afterwards it is',
  async ([, start, abort], { repository }) => {
    await diverge(repository);
    const { root, write } = repository;
    await write({ 'models/a.json': '{}\n' });
    await git(root, ...start).catch(() => '');
    const change = { files: { 'models/a.json': '{"run":1}\n' }, include: [], message: 'Promote' };
    const before = await git(root, 'rev-parse', 'HEAD');
    await expect(applyTreeChange(root, change)).rejects.toMatchObject({
      code: 'GIT_UNFINISHED',
      message: expect.stringMatching(/is in progress\.$/),
    });
    expect(await git(root, 'rev-parse', 'HEAD')).toBe(before);
    expect(await readFile(join(root, 'models/a.json'), 'utf8')).toBe('{}\n');
    await git(root, ...abort);
    expect(await applyTreeChange(root, change)).toMatch(/^[0-9a-f]{40}$/);
  },
);

test.for([
  ['assume-unchanged', '--no-assume-unchanged'],
  ['skip-worktree', '--no-skip-worktree'],
])(
  'nothing is committed of files of which git sees no change: %s',
  async ([mark, undo], { repository }) => {
    const { root } = repository;
    await repository.write({ 'models/a.json': '{}\n', 'models/b.json': '{}\n' });
    await git(root, 'add', '-A');
    await git(root, 'commit', '-qm', 'Start');
    await git(root, 'update-index', `--${mark}`, 'models/a.json');
    const change = { files: { 'models/a.json': '{"run":1}\n' }, include: [], message: 'Promote' };
    await expect(applyTreeChange(root, change)).rejects.toMatchObject({
      code: 'GIT_LOOKS_AWAY',
      hint: expect.stringContaining('models/a.json'),
    });
    await expect(changedFiles(root, ['models/'])).rejects.toMatchObject({ code: 'GIT_LOOKS_AWAY' });
    expect(await readFile(join(root, 'models/a.json'), 'utf8')).toBe('{}\n');
    await git(root, 'update-index', `${undo}`, 'models/a.json');
    expect(await applyTreeChange(root, change)).toMatch(/^[0-9a-f]{40}$/);
  },
);

test('files that a sparse checkout leaves out are no hindrance', async ({ repository }) => {
  const { root } = repository;
  await repository.write({ 'models/a.json': '{}\n', 'models/b.json': '{}\n' });
  await git(root, 'add', '-A');
  await git(root, 'commit', '-qm', 'Start');
  await git(root, 'update-index', '--skip-worktree', 'models/b.json');
  await rm(join(root, 'models/b.json'));
  expect(await changedFiles(root, ['models/'])).toEqual([]);
});
