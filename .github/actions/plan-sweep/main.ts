// Reads a project's sweep.json on the default branch and says how many jobs search. It starts nothing itself.
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import { planShares } from '../../../pipeline/operations/sweep/shares.ts';
import { numberInput, optionalNumberInput } from '../lib/number-input.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const plan = await planShares(context, {
    most: numberInput('runners', 1, 64),
    trials: optionalNumberInput('trials', 1, 1000),
  });
  core.notice(plan.reason);
  core.setOutput(
    'shares',
    JSON.stringify(Array.from({ length: plan.shares }, (_, share) => share)),
  );
  core.setOutput('count', plan.shares);
});
