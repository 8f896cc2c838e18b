import { context } from '@actions/github';
import type { LockChange } from '../../../pipeline/operations/collect-and-lock.ts';
import { lockFile } from '../../../platform/lib/layout.ts';
import { unlinkedText } from '../../../platform/lib/markdown.ts';
import { commitFiles } from './commit-files.ts';
import type { GitHub } from './pull-request.ts';

interface Proposal extends LockChange {
  readonly project: string;
  readonly harvest: string;
}

/**
 * Opens or updates the only such pull request of a project. Its branch is rebuilt on top of the default branch, so
 * that an older proposal is replaced.
 *
 * @returns the number of the pull request.
 */
export async function proposeLock(github: GitHub, proposal: Proposal): Promise<number> {
  const { project } = proposal;
  const branch = `retrain/${project}`;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  const { data: tip } = await github.rest.git.getRef({ ...context.repo, ref: `heads/${base}` });
  await commitFiles(github, {
    branch,
    parent: tip.object.sha,
    message: unlinkedText(
      `Lock new data of ${project}${proposal.harvest ? ` (${proposal.harvest})` : ''}`,
    ),
    files: { [lockFile]: proposal.text },
    replace: true,
  });
  const open = await github.rest.pulls.list({
    ...context.repo,
    head: `${context.repo.owner}:${branch}`,
    state: 'open',
  });
  const body = `${proposal.summary}\n\nThe experiment below trains on it; merging promotes the result.`;
  const [present] = open.data;
  if (present) {
    await github.rest.pulls.update({ ...context.repo, pull_number: present.number, body });
    return present.number;
  }
  const fresh = {
    ...context.repo,
    title: `Retrain ${project} on new data`,
    head: branch,
    base,
    body,
  };
  return (await github.rest.pulls.create(fresh)).data.number;
}
