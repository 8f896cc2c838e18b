import { expect } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { fileAt, git } from '../../../../platform/lib/git.ts';
import { test } from '../../../helpers/repository.ts';

test("a file's text is read at a revision, and is null if the file did not exist yet", async ({
  repository: { root, write, commit },
}) => {
  await write({ 'a.txt': 'one\n' });
  await commit('One');
  expect(await fileAt(root, 'HEAD', 'a.txt')).toBe('one');
  expect(await fileAt(root, 'main', 'b.txt')).toBeNull();
});

test.for(['nonsense', '--output=x'])(
  '%s is reported as not a git revision',
  async (revision, { repository }) => {
    const { root, commit } = repository;
    await commit('One');
    const error = await fileAt(root, revision, 'a.txt').catch((thrown: unknown) => thrown);
    if (!isMainstemError(error, 'REVISION_UNKNOWN')) throw error;
    expect(error).toMatchObject({
      message: `There is no git revision "${revision}".`,
      exitCode: 2,
    });
  },
);

test('a failed commit does not show its whole message', async ({ repository: { root } }) => {
  const failed = git(root, 'commit', '-m', 'Promote apples\n\nA long story.', '--', 'a.txt');
  const error = await failed.catch((thrown: unknown) => thrown);
  if (!isMainstemError(error, 'GIT_FAILED')) throw error;
  expect(error.details.command).toBe('commit -m Promote …');
});

test('a commit without an identity says what to configure', async ({ repository: { root } }) => {
  await git(root, 'config', 'user.name', '');
  const error = await git(root, 'commit', '--allow-empty', '-m', 'One').catch((thrown) => thrown);
  if (!isMainstemError(error, 'GIT_IDENTITY')) throw error;
  expect(error.hint).toContain('git config --global user.name');
  expect(error.hint).toContain('git config --global user.email');
});
