// Commits the changed entries of the lock to retrain/<project> and opens its pull request. It reads the proposal as
// data, runs nothing of it, and never merges.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';
import { readProposal } from '../lib/proposal-file.ts';
import { proposeRetraining } from '../lib/propose-retraining.ts';
import { retrainCause } from '../lib/retrain-cause.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const proposal = await readProposal(core.getInput('folder', { required: true }));
  core.setOutput('pull-request', '');
  if (!proposal) return core.notice('Nothing to propose.');
  const number = await proposeRetraining(github, {
    ...{ root: repositoryRoot, proposal, cause: retrainCause(), now: Date.now() },
    app: core.getInput('app'),
  });
  core.setOutput('pull-request', number);
});
