// Two pull requests that each passed alone must not both promote: the second one's gates were judged against a champion
// that serves no more, and its pointer conflicts with the one on the base. GitHub starts no workflow for a pull request
// that conflicts, so the base tells it. What changed is read from git: GitHub's API lists 300 files of a comparison.
import { dirname } from 'node:path';
import * as core from '@actions/core';
import { context } from '@actions/github';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { modelsFolder } from '../../../platform/lib/layout.ts';
import { changedFiles, fetchCommit } from '../lib/fetch-commit.ts';
import { openGitHub } from '../lib/github.ts';
import { runAction } from '../lib/run.ts';
import { postStatus } from '../lib/statuses.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const token = core.getInput('github-token', { required: true });
  const github = openGitHub(token);
  const { root } = openActionWorkspace();
  const [before, after] = [context.payload.before, context.payload.after];
  if (typeof before !== 'string' || typeof after !== 'string' || /^0+$/.test(before)) return;
  const pointersSince = async (since: string, head: string) => {
    for (const sha of [since, head]) await fetchCommit(root, sha, token);
    const paths = (await changedFiles(root, since, head)).map(({ path }) => path);
    return new Set(paths.filter(isPointer));
  };
  const promoted = await pointersSince(before, after);
  if (promoted.size === 0) return core.notice('Nothing was promoted.');
  const base = context.ref.replace('refs/heads/', '');
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...context.repo,
    base,
    state: 'open',
    per_page: 100,
  });
  for (const { number, head } of pulls) {
    const own = await pointersSince(after, head.sha).catch((error: unknown) => {
      if (!isMainstemError(error)) throw error;
      // One head that git cannot give must not keep the news from the others.
      core.warning(`#${number} was not looked at: ${error.message}`);
      return new Set<string>();
    });
    const shared = [...own].filter((path) => promoted.has(path)).map((path) => dirname(path));
    if (shared.length === 0) continue;
    const description = `Another model was promoted: merge ${base}, keep its ${shared.join(', ')}, and push.`;
    await postStatus(github, head.sha, 'promotion', { state: 'failure', description });
    core.notice(`#${number} carries an outdated promotion.`);
  }
});

function isPointer(path: string): boolean {
  return path.startsWith(`${modelsFolder}/`) && path.endsWith('/production.json');
}
