// Two pull requests that each passed alone must not both promote: the second one's gates were judged against a champion
// that serves no more, and its pointer conflicts with the one on the base. GitHub starts no workflow for a pull request
// that conflicts, so the base tells it. What changed is read from git: GitHub's API lists 300 files of a comparison.
import { dirname } from 'node:path';
import * as core from '@actions/core';
import { Type } from 'typebox';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { modelsFolder } from '../../../platform/lib/layout.ts';
import { context } from '../lib/event.ts';
import { changedFiles, fetchCommit } from '../lib/fetch-commit.ts';
import { openGitHub } from '../lib/github.ts';
import { runAction } from '../lib/run.ts';
import { postStatus } from '../lib/statuses.ts';
import { Sha } from '../lib/subject.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

const PushEvent = Type.Object({ before: Sha, after: Sha });

await runAction(async () => {
  const token = core.getInput('github-token', { required: true });
  const github = openGitHub(token);
  const { root } = openActionWorkspace();
  const { before, after } = parseValue(context.payload, PushEvent, 'the event');
  // A branch that begins or ends with this push.
  if (/^0+$/.test(before) || /^0+$/.test(after)) return;
  const pointersSince = async (since: string, head: string) => {
    for (const sha of [since, head]) await fetchCommit(root, sha, token);
    const paths = (await changedFiles(root, since, head)).map(({ path }) => path);
    return new Set(paths.filter(isPointer));
  };
  const promoted = await pointersSince(before, after).catch((error: unknown) => {
    if (!isMainstemError(error)) throw error;
    core.warning(
      `What was promoted is read from each pull request's own history: ${error.message}`,
    );
    return null;
  });
  if (promoted?.size === 0) return core.notice('Nothing was promoted.');
  const sharedWith = async (head: string) => {
    const own = await pointersSince(after, head);
    // After a push by force git may no longer have what was there before; what the head lacks of it tells as much.
    const news = promoted ?? (await pointersSince(head, after));
    return [...own].filter((path) => news.has(path)).map((path) => dirname(path));
  };
  const base = context.ref.replace('refs/heads/', '');
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...context.repo,
    base,
    state: 'open',
    per_page: 100,
  });
  for (const { number, head } of pulls) {
    const shared = await sharedWith(head.sha).catch((error: unknown) => {
      if (!isMainstemError(error)) throw error;
      // One head that git cannot give must not keep the news from the others.
      core.warning(`#${number} was not looked at: ${error.message}`);
      return [];
    });
    if (shared.length === 0) continue;
    const description = `Another model was promoted: merge ${base}, keep its ${shared.join(', ')}, and push.`;
    await postStatus(github, head.sha, 'promotion', { state: 'failure', description });
    core.notice(`#${number} carries an outdated promotion.`);
  }
});

function isPointer(path: string): boolean {
  return path.startsWith(`${modelsFolder}/`) && path.endsWith('/production.json');
}
