// Collects and locks on the default branch, pushes the data to the remote, and proposes the new lock in one pull
// request per project (branch retrain/<project>). Never merges.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';
import { openContext } from '../../../pipeline/context.ts';
import { collectAndLock } from '../../../pipeline/operations/collect-and-lock.ts';
import { proposeLock } from '../lib/propose-lock.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const harvest = core.getInput('harvest');
  const changed = await collectAndLock(context, {
    harvest,
    remote: core.getInput('remote'),
  });
  core.setOutput('pull-request', '');
  if (!changed) return core.notice(`${project}: the data matches the lock; nothing to propose.`);
  core.setOutput('pull-request', await proposeLock(github, { project, harvest, ...changed }));
});
