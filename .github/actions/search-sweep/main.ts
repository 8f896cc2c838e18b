// Trains a share of a sweep's trials. Its job can write nothing; what it found goes to another job as data.
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import { writeShare } from '../../../pipeline/operations/sweep/shares.ts';
import { sweep } from '../../../pipeline/operations/sweep/sweep.ts';
import { parseNumber, parseOptionalNumber } from '../lib/parse-input.ts';
import { runAction } from '../lib/run.ts';
import { backendInput, openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const place = {
    share: parseNumber(core.getInput('share'), { input: 'share', least: 0, most: 63 }),
    shares: parseNumber(core.getInput('shares'), { input: 'shares', least: 1, most: 64 }),
  };
  const report = await sweep(context, {
    backend: backendInput(),
    remote: core.getInput('remote'),
    trials: parseOptionalNumber(core.getInput('trials'), { input: 'trials', least: 1, most: 1000 }),
    minutes: parseOptionalNumber(core.getInput('minutes'), {
      input: 'minutes',
      least: 1,
      most: 100_000,
    }),
    share: place,
  });
  const folder = core.getInput('folder', { required: true });
  await writeShare(context.store, report, { folder, ...place });
});
