import { noteFile } from '../../../pipeline/join-note.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { git } from '../../../platform/lib/git.ts';
import { lockFile, projectsFolder } from '../../../platform/lib/layout.ts';
import { markdownText, plainText, unlinkedText } from '../../../platform/lib/markdown.ts';
import { renderJson } from '../../../platform/registry/index.ts';
import type { DataLock } from '../../../platform/schemas/index.ts';
import { readLock, renderLock } from '../../../platform/storage/index.ts';
import { assertOwn, headOf, openPullOf, textAt } from './bot-branch.ts';
import { commitFiles } from './commit-files.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';
import { applyEntries } from './lock-entries.ts';
import { approvalNote, openPull } from './open-pull.ts';
import type { Proposal } from './proposal-file.ts';
import type { Cause } from './retrain-cause.ts';
import { parseAttempts, renderAttempts, retrainBranch } from './retrain-memory.ts';
import { runUrl } from './statuses.ts';

/** A proposal with what the pull request says of it. */
export interface RetrainProposal {
  /** The checkout of the default branch, which the proposal is put on. */
  readonly root: string;
  readonly proposal: Proposal;
  readonly cause: Cause;
  /** Why the policy agrees, in plain words; '' where it was not asked. */
  readonly reason: string;
  /** Milliseconds. */
  readonly now: number;
  /** Slug of the app whose token it is; '' for the job token. */
  readonly app: string;
}

/**
 * Opens or updates the only retraining pull request of a project.
 *
 * @returns its number
 * @throws MainstemError RETRAIN_BRANCH_TAKEN if a person has committed to the branch, RETRAIN_OUTDATED,
 *   PULL_REQUEST_FORBIDDEN
 */
export async function proposeRetraining(github: GitHub, request: RetrainProposal): Promise<number> {
  const { root, proposal, app } = request;
  const { project } = proposal;
  const branch = retrainBranch(project);
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  const open = await openPullOf(github, branch);
  const head = await headOf(github, branch);
  if (head) await assertOwn(github, { base, branch, app });
  const files = renderFiles(proposal, await readLock(root));
  const due = !open || !(await holds(github, branch, files));
  if (due) await commit(github, request, { branch, files, head: open ? head : null });
  const attempts = [...parseAttempts(open?.body), attemptOf(request)];
  const body = [...renderBody(request), approvalNote(app !== ''), renderAttempts(attempts)];
  const title = `Retrain ${project}${Object.keys(proposal.datasets).length > 0 ? ' on new data' : ''}`;
  return openPull(github, { branch, base, title, body: body.filter(Boolean).join('\n\n') });
}

/** The files of a proposal by path: the lock, and what the table was joined from. */
function renderFiles({ project, datasets, joined }: Proposal, lock: DataLock) {
  const note = `${projectsFolder}/${project}/${noteFile}`;
  return {
    [lockFile]: renderLock(applyEntries(lock, datasets)),
    ...(joined && { [note]: renderJson(joined) }),
  };
}

async function holds(github: GitHub, branch: string, files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    if ((await textAt(github, path, branch)) !== text) return false;
  }
  return true;
}

/** On top of the default branch; where a pull request is open, its head stays a parent, so that nothing is forced. */
async function commit(
  github: GitHub,
  { root, proposal }: RetrainProposal,
  { branch, files, head }: { branch: string; files: Record<string, string>; head: string | null },
): Promise<void> {
  const { project, harvest, datasets } = proposal;
  const isData = Object.keys(datasets).length > 0;
  const words = isData ? `Lock new data of ${project}` : `Train ${project} as it is defined`;
  const made = await commitFiles(github, {
    ...{ branch, parent: await git(root, 'rev-parse', 'HEAD') },
    message: unlinkedText(`${words}${harvest ? ` (${harvest})` : ''}`),
    files: isData ? files : {},
    ...(head ? { head } : { replace: true }),
  });
  if (made === null)
    throw new MainstemError('RETRAIN_BRANCH_TAKEN', { branch, author: 'somebody' });
}

function attemptOf({ proposal, cause, now }: RetrainProposal) {
  const { kind, fingerprint } = cause;
  return { project: proposal.project, at: now, cause: kind, fingerprint };
}

function renderBody({ proposal, cause, reason }: RetrainProposal): string[] {
  // An indented block has no end that a file's name could write.
  const changes = proposal.changes.map((line) => `    ${plainLine(line)}`);
  return [
    `**Why**: ${[cause.words, markdownText(reason)].filter(Boolean).join(' ')} ([run](${runUrl()}))`,
    `**What has changed**\n\n${changes.join('\n')}`,
    'The experiment trains on it, and its verdict appears below. Merging promotes the result; closing changes nothing.',
  ];
}

/** The indentation of a table of classes stays. */
function plainLine(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return `${indent}${plainText(line)}`;
}
