// Compares what production names with what the server says it serves, releases the checkout's commit only if they
// differ, and waits until the right models answer; otherwise goes back to the release before and fails.
import * as core from '@actions/core';
import { chooseTarget } from '../lib/deploy-target.ts';
import { fetchCommit } from '../lib/fetch-commit.ts';
import { reconcile } from '../lib/reconcile.ts';
import { openReleases } from '../lib/releases.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const workspace = openActionWorkspace();
  const key = core.getInput('key');
  if (key !== '') core.setSecret(key);
  const token = core.getInput('github-token');
  const outcome = await reconcile({
    workspace,
    releases: await openReleases(core.getInput('folder', { required: true })),
    target: chooseTarget(core.getInput('target'), core.getInput('command')),
    url: core.getInput('url', { required: true }),
    key,
    remote: core.getInput('remote'),
    timeoutSeconds: Number(core.getInput('timeout-seconds')),
    fetch: (commit) => fetchCommit(workspace.root, commit, token),
  });
  const failed = outcome.state === 'failed';
  core.setOutput('state', outcome.state);
  core.setOutput('commit', outcome.commit);
  core.setOutput('serving', failed ? (outcome.previous ?? '') : outcome.commit);
  if (!failed) return;
  if (outcome.previous) core.notice(`${outcome.previous} serves again.`);
  throw outcome.error;
});
