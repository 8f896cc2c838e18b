import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { test } from '../../helpers/folder.ts';
import { startGitHub } from '../../helpers/github.ts';
import { runAction } from '../../helpers/run-action.ts';

const pointer = 'models/pumpkins/production.json';

test.for([
  ['only a pointer', true, (root: string) => writeFile(join(root, pointer), '{"run":"b"}')],
  ['code', false, (root: string) => writeFile(join(root, 'serving.ts'), 'export {};')],
  [
    ...(['code by moving it among the models', false] as const),
    (root: string) => rename(join(root, 'code.ts'), join(root, 'models/pumpkins/code.ts')),
  ],
] as const)(
  'the result of tests goes on to a commit that changes %s: %s',
  async ([, carried, change], { folder }) => {
    await mkdir(join(folder, 'models/pumpkins'), { recursive: true });
    await writeFile(join(folder, pointer), '{"run":"a"}');
    await writeFile(join(folder, 'code.ts'), 'export const tested = true;\n'.repeat(20));
    await git(folder, 'init', '--quiet', '--initial-branch', 'main');
    const commit = async (message: string) => {
      await git(folder, 'add', '--all');
      await git(folder, 'commit', '--quiet', '-m', message);
      return git(folder, 'rev-parse', 'HEAD');
    };
    await commit('Begin');
    await git(folder, 'checkout', '--quiet', '-b', 'retrain');
    await writeFile(join(folder, 'params.json'), '{}');
    const tested = await commit('Train with other parameters');
    await change(folder);
    const head = await commit('Promote');
    const github = await startGitHub(folder);
    github.pulls.push({
      number: 1,
      head: { ref: 'retrain', sha: head, label: 'jen:retrain' },
      base: { ref: 'main' },
      ...{ state: 'open', title: 'Retrain', body: '' },
    });
    const run = { id: 1, workflow_id: 1, run_attempt: 1, event: 'pull_request' };
    const { code, log } = await runAction({
      ...{ action: 'carry-tests', inputs: { 'github-token': 'token' } },
      event: {
        workflow_run: { ...run, head_sha: tested, head_branch: 'retrain', conclusion: 'success' },
      },
      env: { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'workflow_run' },
    });
    expect(code, log).toBe(0);
    const told = github.statuses.map(({ sha, state, context }) => [sha, state, context]);
    const passed = (sha: string) => [sha, 'success', 'mainstem/tests'];
    expect(told).toEqual(carried ? [passed(tested), passed(head)] : [passed(tested)]);
    await github.close();
  },
);
