import type { GitHub } from './github.ts';
import type { Judgement } from './judgement-file.ts';
import { isPromoted } from './promotion.ts';
import { combinedStatus, postStatus, statusesOn } from './statuses.ts';

/**
 * Gives the promotion commit the statuses of the commit that was judged. It differs from it by records and pointers
 * alone, which this job wrote, and GitHub starts no workflow for a commit of the job's own token.
 */
export async function carryStatuses(
  github: GitHub,
  judgement: Judgement,
  commit: string,
): Promise<void> {
  for (const part of ['data', 'gates'] as const) {
    await postStatus(github, commit, part, combinedStatus(judgement, part));
  }
  const runs = judgement.projects
    .filter(isPromoted)
    .map(({ report, project }) => `${project} ${report?.candidate.run ?? ''}`);
  const rest = judgement.projects.filter((project) => !isPromoted(project));
  const others = combinedStatus({ ...judgement, projects: rest }, 'promotion');
  const promoted = { state: 'success', description: `Promotes ${runs.join(', ')}.` } as const;
  await postStatus(
    github,
    commit,
    'promotion',
    runs.length > 0 && others.state === 'success' ? promoted : others,
  );
  const tests = (await statusesOn(github, judgement.head)).get('mainstem/tests');
  if (tests) await postStatus(github, commit, 'tests', tests);
}
