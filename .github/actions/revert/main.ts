// Proposes to undo what could not be deployed. It decides nothing: a person merges or closes the pull request.
import * as core from '@actions/core';
import { assertRevision } from '../../../platform/lib/git.ts';
import { openGitHub } from '../lib/github.ts';
import { parseCommit, parseFlag } from '../lib/parse-input.ts';
import { proposeRevert } from '../lib/propose-revert.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const failed = parseCommit(core.getInput('failed', { required: true }), 'failed');
  const serving = parseCommit(core.getInput('serving', { required: true }), 'serving');
  for (const commit of [failed, serving]) await assertRevision(repositoryRoot, commit);
  const byApp = parseFlag(core.getInput('by-app'), 'by-app');
  const proposed = await proposeRevert(github, { root: repositoryRoot, failed, serving, byApp });
  core.setOutput('pull-request', '');
  if (typeof proposed === 'string') return core.notice(proposed);
  core.setOutput('pull-request', proposed);
});
