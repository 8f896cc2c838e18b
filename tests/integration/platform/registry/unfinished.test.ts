import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
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
