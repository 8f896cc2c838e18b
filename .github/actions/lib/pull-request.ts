import { Type } from 'typebox';
import { parseValue } from '../../../platform/lib/json.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

/** An open pull request and the commit that its workflow ran for. */
export interface PullRequest {
  readonly number: number;
  readonly branch: string;
  readonly sha: string;
  readonly base: string;
  /** From a fork: its branch cannot be written to. */
  readonly fork: boolean;
  /** Whether it has the label by which people who may triage ask for its promotion. */
  readonly asked: boolean;
}

/** Where examples are held back, nothing is promoted, and they are not looked at, without it. */
const promoteLabel = 'promote';

const WorkflowRunEvent = Type.Object({
  workflow_run: Type.Object({
    head_sha: Type.String({ pattern: '^[0-9a-f]{40}$' }),
    head_branch: Type.String(),
    run_attempt: Type.Integer({ minimum: 1 }),
    /** Null where the fork has been deleted. */
    head_repository: Type.Union([
      Type.Null(),
      Type.Object({
        full_name: Type.String(),
        owner: Type.Object({ login: Type.String() }),
      }),
    ]),
  }),
});

/** Which attempt of the workflow the event is about. @throws MainstemError JSON_INVALID */
export function runAttempt(): number {
  return parseValue(context.payload, WorkflowRunEvent, 'the event').workflow_run.run_attempt;
}

/**
 * Finds the pull request whose workflow just ended, using only the event and the API. GitHub leaves
 * `workflow_run.pull_requests` empty for forks, so the head branch is looked up.
 *
 * @returns null if it was closed, has a newer commit, or goes to another branch than the default one.
 */
export async function findPullRequest(github: GitHub): Promise<PullRequest | null> {
  const { workflow_run: run } = parseValue(context.payload, WorkflowRunEvent, 'the event');
  const { head_repository: origin } = run;
  const { data: repository } = await github.rest.repos.get(context.repo);
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...context.repo,
    // The pull request of a fork that was deleted stays, and is found by its commit alone.
    ...(origin && { head: `${origin.owner.login}:${run.head_branch}` }),
    base: repository.default_branch,
    state: 'open',
    per_page: 100,
  });
  const pull = pulls.find((candidate) => candidate.head.sha === run.head_sha);
  if (!pull) return null;
  const home = `${context.repo.owner}/${context.repo.repo}`;
  return {
    number: pull.number,
    branch: run.head_branch,
    sha: run.head_sha,
    base: pull.base.ref,
    fork: origin?.full_name !== home,
    asked: pull.labels.some(({ name }) => name === promoteLabel),
  };
}
