// Two pull requests that each passed alone must not both promote: the second one's gates were judged against a champion
// that serves no more, and its pointer conflicts with the one on the base. GitHub starts no workflow for a pull request
// that conflicts, so the base tells it.
import * as core from '@actions/core';
import { context, getOctokit } from '@actions/github';
import { modelsFolder } from '../../../platform/lib/layout.ts';
import type { GitHub } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';
import { postStatus } from '../lib/statuses.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const [before, after] = [context.payload.before, context.payload.after];
  if (typeof before !== 'string' || typeof after !== 'string' || /^0+$/.test(before)) return;
  const promoted = await pointersIn(github, `${before}...${after}`);
  if (promoted.size === 0) return core.notice('Nothing was promoted.');
  const base = context.ref.replace('refs/heads/', '');
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...context.repo,
    base,
    state: 'open',
    per_page: 100,
  });
  for (const pull of pulls) {
    const own = await pointersIn(github, `${after}...${pull.head.sha}`);
    const shared = [...own].filter((path) => promoted.has(path));
    if (shared.length === 0) continue;
    const description = `Another model was promoted: merge ${base}, keep its ${shared.join(', ')}, and push.`;
    await postStatus(github, pull.head.sha, 'promotion', { state: 'failure', description });
    core.notice(`#${pull.number} carries an outdated promotion.`);
  }
});

/** Paths of the pointers that a range changes since its merge base. */
async function pointersIn(github: GitHub, basehead: string): Promise<Set<string>> {
  const { data } = await github.rest.repos.compareCommitsWithBasehead({
    ...context.repo,
    basehead,
  });
  const paths = (data.files ?? []).map(({ filename }) => filename);
  return new Set(
    paths.filter(
      (path) => path.startsWith(`${modelsFolder}/`) && path.endsWith('/production.json'),
    ),
  );
}
