// Proposes to undo a promotion that an alert is about. It decides nothing: a person merges or closes the pull request.
import * as core from '@actions/core';
import { context, getOctokit } from '@actions/github';
import { parseValue } from '../../../platform/lib/json.ts';
import { RevertPayload } from '../lib/alert-payload.ts';
import { proposeRollback } from '../lib/propose-rollback.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const byApp = core.getInput('by-app') === 'true';
  const payload = parseValue(context.payload.client_payload, RevertPayload, 'client_payload');
  core.setOutput('pull-request', '');
  const proposed = await proposeRollback(github, { root: repositoryRoot, payload, byApp });
  if (typeof proposed === 'string') return core.notice(proposed);
  core.setOutput('pull-request', proposed);
});
