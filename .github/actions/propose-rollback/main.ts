// Proposes to undo a promotion that an alert is about. It decides nothing: a person merges or closes the pull request.
import * as core from '@actions/core';
import { parsePayload, RevertPayload } from '../lib/alert-payload.ts';
import { context } from '../lib/event.ts';
import { openGitHub } from '../lib/github.ts';
import { parseFlag } from '../lib/parse-input.ts';
import { proposeRollback } from '../lib/propose-rollback.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const byApp = parseFlag(core.getInput('by-app'), 'by-app');
  const payload = parsePayload(context.payload.client_payload, RevertPayload);
  core.setOutput('pull-request', '');
  const proposed = await proposeRollback(github, { root: repositoryRoot, payload, byApp });
  if (typeof proposed === 'string') return core.notice(proposed);
  core.setOutput('pull-request', proposed);
});
