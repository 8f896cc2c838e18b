import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { startGitHub } from '../../helpers/github.ts';
import { runAction } from '../../helpers/run-action.ts';

test('what could not be deployed is undone in a pull request, but for records; a conflict is named', async ({
  folder,
}) => {
  const root = await cloneHere(folder);
  const commit = async (message: string) => {
    await git(root, 'add', '--all');
    await git(root, 'commit', '--quiet', '-m', message);
    return git(root, 'rev-parse', 'HEAD');
  };
  const serving = await git(root, 'rev-parse', 'HEAD');
  const record = join(root, 'models/pumpkins/records/0123456789ab.json');
  await git(root, 'mv', 'SECURITY.md', 'SAFETY.md');
  await writeFile(join(root, 'LICENSE'), 'changed');
  await mkdir(join(root, 'models/pumpkins/records'), { recursive: true });
  await writeFile(record, '{}');
  await writeFile(join(root, 'models/pumpkins/production.json'), '{}');
  const failed = await commit('Promote pumpkins, #1 of @jen');
  await writeFile(join(root, 'later'), 'unrelated');
  await commit('Something else');
  const github = await startGitHub(root);
  const inputs = { 'github-token': 'token', failed, serving };
  const call = { root, action: 'revert', inputs, env: { GITHUB_API_URL: github.url } };
  const reverted = await runAction(call);
  expect(reverted.code, reverted.log).toBe(0);
  const branch = `revert/${failed.slice(0, 12)}`;
  const kept = ['later', 'models/pumpkins/records/0123456789ab.json'];
  expect((await git(root, 'diff', '--name-only', serving, branch)).split('\n')).toEqual(kept);
  expect(github.pulls[0]?.body).toContain('Promote pumpkins, #\u200b1 of @\u200bjen');
  expect(github.pulls[0]?.body).toContain('Approve workflows to run');
  expect((await runAction(call)).outputs['pull-request']).toBe('1');

  const nothing = async (from: string, to: string) => {
    const ended = await runAction({ ...call, inputs: { ...inputs, failed: from, serving: to } });
    expect([ended.code, ended.outputs['pull-request']], ended.log).toEqual([0, '']);
    expect(ended.log).toContain('nothing to undo');
  };
  await nothing(failed, failed);
  await nothing(serving, failed);
  const bare = { ...call, inputs: { ...inputs, failed: 'main' } };
  expect((await runAction(bare)).log).toContain('::error::INPUT_INVALID');
  expect(github.pulls).toHaveLength(1);

  await rm(join(root, 'LICENSE'));
  await commit('Change the same file again');
  expect((await runAction(call)).log).toContain('REVERT_CONFLICT');
  await github.close();
});
