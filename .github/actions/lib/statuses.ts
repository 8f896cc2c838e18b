import { shorten } from '../../../platform/lib/text.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';
import type { Judgement, Status } from './judgement-file.ts';

/** The contexts that a ruleset requires; a trusted job posts each on every head. */
export const contexts = ['data', 'gates', 'promotion', 'tests'] as const;
export type ContextName = (typeof contexts)[number];

/** GitHub refuses longer descriptions. */
const longest = 140;

/** Posts one context on a commit. */
export async function postStatus(
  github: GitHub,
  sha: string,
  name: ContextName,
  { state, description }: Status,
): Promise<void> {
  await github.rest.repos.createCommitStatus({
    ...context.repo,
    sha,
    state,
    context: `mainstem/${name}`,
    description: shorten(description.replace(/\s+/g, ' '), longest),
    target_url: runUrl(),
  });
}

/** Address of the running workflow. */
export function runUrl(): string {
  const { serverUrl, repo, runId } = context;
  return `${serverUrl}/${repo.owner}/${repo.repo}/actions/runs/${runId}`;
}

const severity = ['error', 'failure', 'pending', 'success'] as const;

/** One status for all projects: the worst, with its project's name; success if nothing is affected. */
export function combinedStatus(
  { projects, blocked }: Judgement,
  part: 'data' | 'gates' | 'promotion',
): Status {
  if (blocked !== null && part !== 'data') return { state: 'failure', description: blocked };
  const worst = severity.find((state) => projects.some((project) => project[part].state === state));
  const found = projects.filter((project) => project[part].state === worst);
  if (!worst) return { state: 'success', description: 'No project is affected.' };
  const told = found.map((project) => `${project.project}: ${project[part].description}`);
  return { state: worst, description: told.join('; ') };
}

/** The newest status of each context on a commit. */
export async function statusesOn(
  github: GitHub,
  sha: string,
): Promise<ReadonlyMap<string, Status>> {
  const { data } = await github.rest.repos.getCombinedStatusForRef({
    ...context.repo,
    ref: sha,
    per_page: 100,
  });
  return new Map(
    data.statuses.map(({ context: name, state, description }) => [
      name,
      { state: stateOf(state), description: description ?? '' },
    ]),
  );
}

function stateOf(state: string): Status['state'] {
  return severity.find((known) => known === state) ?? 'error';
}
