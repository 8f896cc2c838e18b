// GitHub starts no workflow for the promotion commit, which the job's own token makes; what was tested is its parent. The
// result is carried over only where the two differ by records and pointers alone.
import * as core from '@actions/core';
import { Type } from 'typebox';
import { parseValue } from '../../../platform/lib/json.ts';
import { modelsFolder } from '../../../platform/lib/layout.ts';
import { context } from '../lib/event.ts';
import { type GitHub, openGitHub } from '../lib/github.ts';
import { hasNewerRun } from '../lib/newer-run.ts';
import { runAction } from '../lib/run.ts';
import { postStatus } from '../lib/statuses.ts';

const Event = Type.Object({
  workflow_run: Type.Object({
    head_sha: Type.String({ pattern: '^[0-9a-f]{40}$' }),
    head_branch: Type.String(),
    conclusion: Type.Union([Type.String(), Type.Null()]),
  }),
});

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const { workflow_run: run } = parseValue(context.payload, Event, 'the event');
  if (await hasNewerRun(github)) return core.notice('A newer run of the tests reports.');
  const passed = run.conclusion === 'success';
  const description = passed ? 'The tests passed.' : `The tests ended as ${run.conclusion}.`;
  const status = { state: passed ? 'success' : 'failure', description } as const;
  await postStatus(github, run.head_sha, 'tests', status);
  const child = await promotionOn(github, run.head_branch, run.head_sha);
  if (child) await postStatus(github, child, 'tests', status);
});

/** The head of the branch, if it is a commit on top of this one that touches nothing but records and pointers. */
async function promotionOn(github: GitHub, branch: string, sha: string): Promise<string | null> {
  const { data: pulls } = await github.rest.pulls.list({
    ...context.repo,
    head: `${context.repo.owner}:${branch}`,
    state: 'open',
  });
  const head = pulls[0]?.head.sha;
  if (!head || head === sha) return null;
  const { data } = await github.rest.repos.compareCommitsWithBasehead({
    ...context.repo,
    basehead: `${sha}...${head}`,
  });
  const files = data.files ?? [];
  // A file that is moved there is gone from where it was.
  const touched = files.flatMap(({ filename, previous_filename: before }) =>
    before ? [filename, before] : filename,
  );
  const only = touched.every((path) => path.startsWith(`${modelsFolder}/`));
  return data.status === 'ahead' && data.ahead_by === 1 && files.length < 300 && only ? head : null;
}
