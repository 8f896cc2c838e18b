// Renders the judgement, which the default branch's code has written, into one comment and three statuses. Every end has
// a status: where there is no judgement, it says so.
import * as core from '@actions/core';
import { findComment, writeComment } from '../lib/comment.ts';
import { renderComment, renderFailed, renderRunning } from '../lib/comment-body.ts';
import { type GitHub, openGitHub } from '../lib/github.ts';
import { type Judgement, readJudgement } from '../lib/judgement-file.ts';
import { hasEnded } from '../lib/newer-run.ts';
import { findPullRequest } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';
import { combinedStatus, postStatus, runUrl } from '../lib/statuses.ts';
import { findSubject } from '../lib/subject.ts';

const parts = ['data', 'gates', 'promotion'] as const;

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const folder = core.getInput('folder');
  core.setOutput('pull-request', '');
  const judgement = folder ? await readJudgement(folder) : null;
  if (judgement) return reportOn(github, judgement);
  const subject = await findSubject(github);
  if (!subject) return core.notice('The pull request is closed, or has a newer commit or run.');
  if (!folder && (await hasEnded(github))) {
    return core.notice('The experiment has ended; what judges it reports.');
  }
  await postEverywhere(github, subject.head, folder !== '');
  if (!subject.pull) return;
  core.setOutput('pull-request', subject.pull.number);
  const author = core.getInput('author');
  const comment = await findComment(github, subject.pull.number, author);
  const body = folder
    ? renderFailed(runUrl(), comment.state)
    : renderRunning(subject.head, runUrl(), comment.state);
  await writeComment(github, subject.pull.number, comment, { body, state: comment.state });
});

async function reportOn(github: GitHub, judgement: Judgement): Promise<void> {
  const { pull, head } = judgement;
  for (const part of parts) await postStatus(github, head, part, combinedStatus(judgement, part));
  if (!pull) return;
  if ((await findPullRequest(github))?.sha !== head) {
    return core.notice('The pull request is closed or has a newer commit; nothing to report.');
  }
  core.setOutput('pull-request', pull.number);
  const comment = await findComment(github, pull.number, core.getInput('author'));
  const rendered = renderComment(judgement, comment.state);
  core.setOutput('comment', await writeComment(github, pull.number, comment, rendered));
  await core.summary.addRaw(rendered.body).write();
}

/** While the experiment runs nothing is known; when the judge failed nothing may pass. */
async function postEverywhere(github: GitHub, sha: string, failed: boolean): Promise<void> {
  const status = failed
    ? ({ state: 'error', description: 'The judging job failed: see its run.' } as const)
    : ({ state: 'pending', description: 'The experiment runs.' } as const);
  for (const part of parts) await postStatus(github, sha, part, status);
}
