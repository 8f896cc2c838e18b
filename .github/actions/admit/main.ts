// A pull request's code can write any artefact: what would fill the disk or the time of the trusted job is refused unread.
import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { context } from '../lib/event.ts';
import { openGitHub } from '../lib/github.ts';
import { parseNumber } from '../lib/parse-input.ts';
import { runAction } from '../lib/run.ts';

const most = 60;

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const whole = { least: 1, most: Number.MAX_SAFE_INTEGER };
  const run = parseNumber(core.getInput('run', { required: true }), { input: 'run', ...whole });
  const bytes = parseNumber(core.getInput('most-bytes'), { input: 'most-bytes', ...whole });
  const all = await github.paginate(github.rest.actions.listWorkflowRunArtifacts, {
    ...context.repo,
    run_id: run,
    per_page: 100,
  });
  // Nothing else is downloaded: checkpoints go to the next attempt alone.
  const artefacts = all.filter(({ name }) => name.startsWith('experiment-'));
  const path = `the artefacts of run ${run}`;
  const refuse = (reason: string) => new MainstemError('BUNDLE_INVALID', { path, reason });
  if (artefacts.length > most) throw refuse(`are ${artefacts.length}, more than ${most}`);
  const size = artefacts.reduce((sum, artefact) => sum + artefact.size_in_bytes, 0);
  if (size > bytes) throw refuse(`have ${size} bytes, more than ${bytes}`);
  core.setOutput('count', artefacts.length);
});
