// Reads the experiment's bundles (untrusted), renders them with the default branch's code and upserts one
// comment per project. Runs in a workflow_run job: it has a token, but no pull request code.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';
import { renderMarkdown } from '../../../platform/report/index.ts';
import { readBundles } from '../lib/bundle.ts';
import { upsertComment } from '../lib/comment.ts';
import { findPullRequest } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const author = core.getInput('author');
  const bundles = await readBundles(core.getInput('folder', { required: true }));
  const pull = await findPullRequest(github);
  core.setOutput('pull-request', pull?.number ?? '');
  if (!pull) {
    core.notice('The pull request is closed or has a newer commit; nothing to report.');
    return;
  }
  const urls: string[] = [];
  for (const { report } of bundles) {
    const body = renderMarkdown(report);
    const key = `report:${report.project.name}`;
    const { url } = await upsertComment(github, { issue: pull.number, key, author, body });
    await core.summary.addRaw(body).write();
    urls.push(url);
  }
  core.setOutput('comments', urls.join(' '));
});
