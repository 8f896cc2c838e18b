import { Type } from 'typebox';
import { parseValue } from '../../../platform/lib/json.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';
import { hasNewerRun } from './newer-run.ts';
import { findPullRequest } from './pull-request.ts';

/** The whole name of a commit, as an event has it. */
export const Sha = Type.String({ pattern: '^[0-9a-f]{40}$' });
const MergeGroupEvent = Type.Object({
  merge_group: Type.Object({ head_sha: Sha, base_sha: Sha }),
});

/** The commit that is to be judged. */
export interface Subject {
  readonly head: string;
  /** Whose champion it is held against: the tip of the base branch as it is now. */
  readonly base: string;
  /** Null for a merge group. */
  readonly pull: {
    readonly number: number;
    readonly branch: string;
    readonly fork: boolean;
  } | null;
  /** Whether people have asked for its promotion. */
  readonly asked: boolean;
}

/**
 * What the event is about, from the event and the API alone.
 *
 * @returns null if the pull request was closed, has a newer commit or a newer run, or goes to another branch than the
 * default one.
 */
export async function findSubject(github: GitHub): Promise<Subject | null> {
  if (context.eventName === 'merge_group') {
    const { merge_group: group } = parseValue(context.payload, MergeGroupEvent, 'the event');
    return { head: group.head_sha, base: group.base_sha, pull: null, asked: false };
  }
  const pull = await findPullRequest(github);
  if (!pull || (await hasNewerRun(github))) return null;
  const { data: tip } = await github.rest.git.getRef({
    ...context.repo,
    ref: `heads/${pull.base}`,
  });
  const { number, branch, fork, asked } = pull;
  return { head: pull.sha, base: tip.object.sha, pull: { number, branch, fork }, asked };
}
