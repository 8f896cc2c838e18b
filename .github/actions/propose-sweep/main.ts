// Commits new parameters to sweep/<project> and opens its pull request. It reads the proposal as data, runs nothing of
// it, and never merges.
import * as core from '@actions/core';
import { openGitHub } from '../lib/github.ts';
import { proposeSweep } from '../lib/propose-sweep.ts';
import { runAction } from '../lib/run.ts';
import { readSweepProposal } from '../lib/sweep-proposal.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const proposal = await readSweepProposal(core.getInput('folder', { required: true }));
  core.setOutput('pull-request', '');
  if (!proposal) return core.notice('Nothing to propose.');
  const app = core.getInput('app');
  core.setOutput(
    'pull-request',
    await proposeSweep(github, { root: repositoryRoot, proposal, app }),
  );
});
