// Reads a project's sweep.json on the default branch and says how many jobs search. It starts nothing itself.
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import { planShares } from '../../../pipeline/operations/sweep/shares.ts';
import { parseNumber, parseOptionalNumber } from '../lib/parse-input.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const plan = await planShares(context, {
    most: parseNumber(core.getInput('runners'), { input: 'runners', least: 1, most: 64 }),
    trials: parseOptionalNumber(core.getInput('trials'), { input: 'trials', least: 1, most: 1000 }),
  });
  core.notice(plan.reason);
  const shares = Array.from({ length: plan.shares }, (_, share) => share);
  core.setOutput('shares', JSON.stringify(shares));
  core.setOutput('count', plan.shares);
});
