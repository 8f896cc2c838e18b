// Commits the changed entries of the lock to retrain/<project> and opens its pull request. It reads the proposal as
// data, runs nothing of it, and never merges.
import * as core from '@actions/core';
import { Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { openGitHub } from '../lib/github.ts';
import { readProposal } from '../lib/proposal-file.ts';
import { proposeRetraining } from '../lib/propose-retraining.ts';
import { retrainCause } from '../lib/retrain-cause.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

const Reasons = dictionary(Type.String());

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const proposal = await readProposal(core.getInput('folder', { required: true }));
  core.setOutput('pull-request', '');
  if (!proposal) return core.notice('Nothing to propose.');
  const number = await proposeRetraining(github, {
    ...{ root: repositoryRoot, proposal, cause: retrainCause(), now: Date.now() },
    ...{ reason: reasonOf(proposal.project), app: core.getInput('app') },
  });
  core.setOutput('pull-request', number);
});

function reasonOf(project: string): string {
  const text = core.getInput('reasons');
  return text === ''
    ? ''
    : (ownValue(parseJson(text, Reasons, 'the input reasons'), project) ?? '');
}
