import { MainstemError } from '../../../platform/lib/errors.ts';
import { git } from '../../../platform/lib/git.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import { markdownCode } from '../../../platform/lib/markdown.ts';
import { renderSweepMarkdown } from '../../../platform/report/index.ts';
import { assertOwn, headOf, openPullOf, textAt } from './bot-branch.ts';
import { commitFiles } from './commit-files.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';
import { approvalNote, openPull } from './open-pull.ts';
import { runUrl } from './statuses.ts';
import type { SweepProposal } from './sweep-proposal.ts';

/** What a sweep found, to be proposed. */
export interface SweepRequest {
  /** The checkout of the default branch, which the proposal is put on. */
  readonly root: string;
  readonly proposal: SweepProposal;
  /** Slug of the app whose token it is; '' for the job token. */
  readonly app: string;
}

/** A pull request's text has at most 65,536 characters. */
const mostCharacters = 50_000;

/**
 * Opens or updates the only pull request of a project's sweep: one commit that changes params.json and nothing else.
 *
 * @returns its number
 * @throws MainstemError RETRAIN_BRANCH_TAKEN if a person has committed to the branch, PULL_REQUEST_FORBIDDEN
 */
export async function proposeSweep(github: GitHub, request: SweepRequest): Promise<number> {
  const { proposal, app } = request;
  const { project, parameters, report } = proposal;
  const branch = `sweep/${project}`;
  const path = `${projectsFolder}/${project}/params.json`;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  const open = await openPullOf(github, branch);
  const head = await headOf(github, branch);
  if (head) await assertOwn(github, { base, branch, app });
  const due = !open || (await textAt(github, path, branch)) !== parameters;
  if (due) await commit(github, request, { branch, path, head: open ? head : null });
  const body = [
    `**Why**: ${markdownCode(context.actor)} asked for a sweep ([run](${runUrl()})). The test split was not looked at; the experiment below does, once.`,
    renderSweepMarkdown(report, { most: mostCharacters }).trim(),
    approvalNote(app !== ''),
  ];
  const title = `Take over what the sweep of ${project} found`;
  return openPull(github, { branch, base, title, body: body.filter(Boolean).join('\n\n') });
}

/** On top of the default branch; where a pull request is open, its head stays a parent, so that nothing is forced. */
async function commit(
  github: GitHub,
  { root, proposal }: SweepRequest,
  { branch, path, head }: { branch: string; path: string; head: string | null },
): Promise<void> {
  const made = await commitFiles(github, {
    ...{ branch, parent: await git(root, 'rev-parse', 'HEAD') },
    message: `Take over trial ${proposal.report.best} of the sweep of ${proposal.project}`,
    files: { [path]: proposal.parameters },
    ...(head ? { head } : { replace: true }),
  });
  if (made === null)
    throw new MainstemError('RETRAIN_BRANCH_TAKEN', { branch, author: 'somebody' });
}
