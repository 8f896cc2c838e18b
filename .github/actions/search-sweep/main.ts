// Trains a share of a sweep's trials. Its job can write nothing; what it found goes to another job as data.
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import { writeShare } from '../../../pipeline/operations/sweep/shares.ts';
import { sweep } from '../../../pipeline/operations/sweep/sweep.ts';
import { numberInput, optionalNumberInput } from '../lib/number-input.ts';
import { runAction } from '../lib/run.ts';
import { backendInput, openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const place = { share: numberInput('share', 0, 63), shares: numberInput('shares', 1, 64) };
  const report = await sweep(context, {
    backend: backendInput(),
    remote: core.getInput('remote'),
    trials: optionalNumberInput('trials', 1, 1000),
    minutes: optionalNumberInput('minutes', 1, 100_000),
    share: place,
  });
  const folder = core.getInput('folder', { required: true });
  await writeShare(context.store, report, { folder, ...place });
});
