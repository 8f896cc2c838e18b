// Reads the experiment's bundles (untrusted), checks that their gates passed, sends the artefacts to the remote
// and commits record and pointer to the pull request's branch through the API. The `verify` check covers the rest
// when the pull request is merged. Never runs pull request code.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';
import { keepArtefacts, readBundles } from '../lib/bundle.ts';
import { commitFiles } from '../lib/commit-files.ts';
import { promotionFiles, promotionMessage } from '../lib/promotion.ts';
import { findPullRequest } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace, repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const remote = core.getInput('remote');
  const bundles = await readBundles(core.getInput('folder', { required: true }));
  core.setOutput('commit', '');
  const pull = await findPullRequest(github);
  if (!pull)
    return core.notice('The pull request is closed or has a newer commit; nothing to promote.');
  if (pull.fork)
    return core.notice('The branch is in a fork; promote it with "npx mainstem promote".');
  const passed = bundles.filter(({ report, candidate }) => {
    const failed = report.gates.filter((gate) => !gate.passed);
    if (failed.length > 0) {
      core.notice(`${candidate.model}: ${failed.map((gate) => gate.message).join('; ')}`);
    }
    return failed.length === 0;
  });
  const files = await promotionFiles(repositoryRoot, github, pull.sha, passed);
  if (Object.keys(files).length === 0) return core.notice('Nothing to promote.');
  if (remote)
    for (const bundle of passed) await keepArtefacts(openActionWorkspace(), bundle, remote);
  const message = promotionMessage(passed);
  const commit = await commitFiles(github, {
    branch: pull.branch,
    parent: pull.sha,
    message,
    files,
  });
  core.setOutput('commit', commit);
});
