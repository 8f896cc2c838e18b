// Does what the judgement says is due: artefacts into the remote, then record and pointer onto the branch. It judges
// nothing itself and reads nothing that the pull request wrote.
import { join } from 'node:path';
import * as core from '@actions/core';
import { carryStatuses } from '../lib/carry-statuses.ts';
import { commitFiles } from '../lib/commit-files.ts';
import { openGitHub } from '../lib/github.ts';
import { type Judgement, readJudgement } from '../lib/judgement-file.ts';
import { promotionMessage, storeArtefacts } from '../lib/promotion.ts';
import { findPullRequest } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const folder = core.getInput('folder', { required: true });
  core.setOutput('commit', '');
  const judgement = await readJudgement(folder);
  const due = judgement ? dueProjects(judgement) : [];
  if (!judgement?.pull || due.length === 0) return core.notice('Nothing to promote.');
  const pull = await findPullRequest(github);
  if (pull?.sha !== judgement.head) {
    return core.notice('The pull request is closed or has a newer commit; nothing to promote.');
  }
  const workspace = openActionWorkspace();
  const remote = core.getInput('remote');
  for (const project of due) {
    const { blobs } = project;
    if (blobs) await storeArtefacts(workspace, project, join(folder, blobs), remote);
  }
  const commit = await commitFiles(github, {
    branch: judgement.pull.branch,
    parent: judgement.head,
    message: promotionMessage(due),
    files: Object.assign({}, ...due.map(({ files }) => files)),
  });
  if (commit === null) {
    return core.notice('The branch has moved on: its new head is judged by itself.');
  }
  await carryStatuses(github, judgement, commit);
  core.setOutput('commit', commit);
});

function dueProjects({ projects, blocked }: Judgement) {
  if (blocked !== null) return [];
  return projects.filter(({ files }) => Object.keys(files).length > 0);
}
