import { Type } from 'typebox';
import type { RetrainAttempt } from '../../../pipeline/operations/decide-retraining.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { nullable } from '../../../platform/schemas/index.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

/* What was tried before is remembered by the pull requests themselves, in a hidden line of their text. */

const Attempt = Type.Object({
  project: Type.String(),
  at: Type.Number(),
  cause: Type.Union([Type.Literal('schedule'), Type.Literal('person'), Type.Literal('alert')]),
  fingerprint: nullable(Type.String()),
});

const hidden = /^<!-- mainstem:retrain:([A-Za-z0-9+/=]*) -->$/m;
const remembered = 50;

/** The branch of a project's retraining: always the same, so that there is one pull request. */
export function retrainBranch(project: string): string {
  return `retrain/${project}`;
}

/** The hidden line for a pull request's text. */
export function renderAttempts(attempts: readonly RetrainAttempt[]): string {
  // In base64, because a hidden comment would end at the first dashes of a name.
  const json = JSON.stringify(attempts.slice(-remembered));
  return `<!-- mainstem:retrain:${Buffer.from(json).toString('base64')} -->`;
}

/** Reads the hidden line; nothing where there is none, or where somebody edited it. */
export function parseAttempts(body: string | null | undefined): RetrainAttempt[] {
  const encoded = hidden.exec(body ?? '')?.[1];
  if (!encoded) return [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    return parseJson(text, Type.Array(Attempt), 'the pull request');
  } catch (error) {
    if (isMainstemError(error)) return [];
    throw error;
  }
}

/** What a project's pull requests remember, open and closed; one that remembers nothing counts from its opening. */
export async function readAttempts(github: GitHub, project: string): Promise<RetrainAttempt[]> {
  const { data: pulls } = await github.rest.pulls.list({
    ...context.repo,
    head: `${context.repo.owner}:${retrainBranch(project)}`,
    state: 'all',
    per_page: 100,
  });
  return pulls.flatMap(({ body, created_at: opened }) => {
    const known = parseAttempts(body);
    if (known.length > 0) return known;
    return [{ project, at: Date.parse(opened), cause: 'person', fingerprint: null }];
  });
}
