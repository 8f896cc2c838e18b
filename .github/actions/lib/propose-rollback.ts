import { context } from '@actions/github';
import { git } from '../../../platform/lib/git.ts';
import { unlinkedText } from '../../../platform/lib/markdown.ts';
import { findEarlierPromotion } from '../../../platform/registry/index.ts';
import { alertWords, type RevertPayload } from './alert-payload.ts';
import { commitFiles } from './commit-files.ts';
import { approvalNote, openPull } from './open-pull.ts';
import type { GitHub } from './pull-request.ts';
import { runUrl } from './statuses.ts';

/** An alert about a promotion, with the checkout that it is undone in. */
export interface RollbackRequest {
  /** A checkout of the default branch with its history. */
  readonly root: string;
  readonly payload: RevertPayload;
  readonly byApp: boolean;
}

/**
 * Proposes that production points back to the run that served before the promotion that an alert is about. There is one such
 * pull request per promotion: where a person has closed it, it stays closed.
 *
 * @returns the number of the pull request, or why there is none
 * @throws MainstemError ROLLBACK_NOTHING, MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, PULL_REQUEST_FORBIDDEN
 */
export async function proposeRollback(
  github: GitHub,
  { root, payload, byApp }: RollbackRequest,
): Promise<number | string> {
  const { project, version } = payload;
  const { from, pointer, files } = await findEarlierPromotion(root, project);
  if (from !== version)
    return `${project} has moved on: ${from} serves, and the alert is about ${version}.`;
  const branch = `rollback/${project}-${from}`;
  if (await wasClosed(github, branch))
    return `A person has closed the pull request that undoes ${from}.`;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  const title = `Roll back ${project} from ${from} to ${pointer.run}`;
  await commitFiles(github, {
    ...{ branch, parent: await git(root, 'rev-parse', 'HEAD'), files, replace: true },
    message: `${title}\n\n${unlinkedText(`The alert ${payload.alert} is about ${from}.`)}`,
  });
  const body = [
    `**Why**: ${alertWords(payload)} ([run](${runUrl()}))`,
    `Merging this points production back to ${pointer.run}, which served before ${from} was promoted. Its record stays, so ` +
      'that it can be promoted again.',
    'Look at the corrections first: people may be wrong, too. Closing it changes nothing, and it is not proposed again.',
    approvalNote(byApp),
  ];
  return openPull(github, { branch, base, title, body: body.filter(Boolean).join('\n\n') });
}

async function wasClosed(github: GitHub, branch: string): Promise<boolean> {
  const head = `${context.repo.owner}:${branch}`;
  const { data } = await github.rest.pulls.list({ ...context.repo, head, state: 'closed' });
  return data.length > 0;
}
