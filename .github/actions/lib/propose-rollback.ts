import { git } from '../../../platform/lib/git.ts';
import { unlinkedText } from '../../../platform/lib/markdown.ts';
import {
  findEarlierPromotion,
  pointerAt,
  pointerPath,
  readTrials,
} from '../../../platform/registry/index.ts';
import { alertWords, type RevertPayload } from './alert-payload.ts';
import { commitFiles } from './commit-files.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';
import { approvalNote, openPull } from './open-pull.ts';
import { runUrl } from './statuses.ts';

/** An alert about a promotion, with the checkout that it is undone in. */
export interface RollbackRequest {
  /** A checkout of the default branch with its history. */
  readonly root: string;
  readonly payload: RevertPayload;
  readonly byApp: boolean;
}

/** What is to be undone, as a pull request says it. */
interface Undoing {
  readonly title: string;
  readonly files: Readonly<Record<string, string | null>>;
  /** What merging it does. */
  readonly effect: string;
}

/**
 * Proposes that production points back to the run that served before the promotion that an alert is about. There is one such
 * pull request per promotion: where a person has closed it, it stays closed. An alert about a canary leads to one that ends it.
 *
 * @returns the number of the pull request, or why there is none
 * @throws MainstemError ROLLBACK_NOTHING, MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, PULL_REQUEST_FORBIDDEN
 */
export async function proposeRollback(
  github: GitHub,
  { root, payload, byApp }: RollbackRequest,
): Promise<number | string> {
  const { project, version } = payload;
  const undoing = (await endOfTrial(root, payload)) ?? (await backToEarlier(root, payload));
  if (typeof undoing === 'string') return undoing;
  const { title, files, effect } = undoing;
  const branch = `rollback/${project}-${version}`;
  if (await wasClosed(github, branch))
    return `A person has closed the pull request that undoes ${version}.`;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const base = repository.default_branch;
  await commitFiles(github, {
    ...{ branch, parent: await git(root, 'rev-parse', 'HEAD'), files, replace: true },
    message: `${title}\n\n${unlinkedText(`The alert ${payload.alert} is about ${version}.`)}`,
  });
  const body = [
    `**Why**: ${alertWords(payload)} ([run](${runUrl()}))`,
    `${effect} Its record stays, so that it can be promoted again.`,
    'Look at the corrections first: people may be wrong, too. Closing it changes nothing, and it is not proposed again.',
    approvalNote(byApp),
  ];
  return openPull(github, { branch, base, title, body: body.filter(Boolean).join('\n\n') });
}

/** Ends the trial of the version that an alert is about; null if it is not on trial. */
async function endOfTrial(
  root: string,
  { project, version }: RevertPayload,
): Promise<Undoing | null> {
  const trial = (await readTrials(root, project)).find(({ pointer }) => pointer.run === version);
  if (!trial) return null;
  const { channel } = trial;
  return {
    title: `End the ${channel} of ${project} ${version}`,
    files: { [pointerPath(project, channel)]: null },
    effect: `Merging this ends the ${channel} ${version}: all requests go to production, which is what it was.`,
  };
}

/** @returns words where something else serves than what the alert is about */
async function backToEarlier(
  root: string,
  { project, version }: RevertPayload,
): Promise<Undoing | string> {
  const serving = await pointerAt(root, 'HEAD', project, 'production');
  if (serving?.run !== version) {
    const now = serving ? `${serving.run} serves` : 'nothing serves';
    return `${project} has moved on: ${now}, and the alert is about ${version}.`;
  }
  const { from, pointer, files } = await findEarlierPromotion(root, project);
  return {
    title: `Roll back ${project} from ${from} to ${pointer.run}`,
    files,
    effect: `Merging this points production back to ${pointer.run}, which served before ${from} was promoted.`,
  };
}

async function wasClosed(github: GitHub, branch: string): Promise<boolean> {
  const head = `${context.repo.owner}:${branch}`;
  const { data } = await github.rest.pulls.list({ ...context.repo, head, state: 'closed' });
  return data.length > 0;
}
