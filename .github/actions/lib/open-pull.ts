import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

/** A pull request of a branch of this repository to the default branch. */
export interface ProposedPull {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** What a person has to do so that the workflows run; '' where an app opened it. */
export function approvalNote(byApp: boolean): string {
  if (byApp) return '';
  return (
    '> [!NOTE]\n> The job token opened this, so GitHub holds its workflows back until a person presses ' +
    '**Approve workflows to run** below, or closes and reopens the pull request. An app of your own ends that: see ' +
    '[docs/github.md](../blob/HEAD/docs/github.md#the-app).'
  );
}

/**
 * Opens the pull request of a branch, or edits the open one.
 *
 * @returns its number
 * @throws MainstemError PULL_REQUEST_FORBIDDEN with the address where a person opens it: the branch is there
 */
export async function openPull(github: GitHub, pull: ProposedPull): Promise<number> {
  const { branch, base, title, body } = pull;
  const head = `${context.repo.owner}:${branch}`;
  const open = await github.rest.pulls.list({ ...context.repo, head, state: 'open' });
  const [present] = open.data;
  if (present) {
    const edited = { ...context.repo, pull_number: present.number, body };
    await github.rest.pulls.update(edited);
    return present.number;
  }
  const fresh = { ...context.repo, title, head: branch, base, body };
  try {
    return (await github.rest.pulls.create(fresh)).data.number;
  } catch (cause) {
    if (!(cause instanceof Error && 'status' in cause && cause.status === 403)) throw cause;
    const { serverUrl, repo } = context;
    const url = `${serverUrl}/${repo.owner}/${repo.repo}/compare/${base}...${branch}?expand=1`;
    await core.summary.addRaw(`Open the pull request by hand: ${url}\n\n${body}\n`).write();
    throw new MainstemError('PULL_REQUEST_FORBIDDEN', { branch, url }, { cause });
  }
}
