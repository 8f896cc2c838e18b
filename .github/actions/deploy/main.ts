// Compares what production names with what the server says it serves, releases the checkout's commit only if they
// differ, and waits until the right models answer; otherwise goes back to the release before and fails.
import * as core from '@actions/core';
import { chooseTarget } from '../lib/deploy-target.ts';
import { fetchCommit } from '../lib/fetch-commit.ts';
import { parseAddress, parseNumber } from '../lib/parse-input.ts';
import { reconcile } from '../lib/reconcile.ts';
import { openReleases } from '../lib/releases.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

/** How long the right models may take to answer. */
const patience = { input: 'timeout-seconds', least: 1, most: 86_400 };

await runAction(async () => {
  const workspace = openActionWorkspace();
  const key = core.getInput('key');
  if (key !== '') core.setSecret(key);
  const token = core.getInput('github-token');
  const outcome = await reconcile({
    workspace,
    releases: await openReleases(core.getInput('folder', { required: true })),
    target: chooseTarget(core.getInput('target'), core.getInput('command')),
    url: parseAddress(core.getInput('url', { required: true }), 'url'),
    key,
    remote: core.getInput('remote'),
    timeoutSeconds: parseNumber(core.getInput('timeout-seconds'), patience),
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
