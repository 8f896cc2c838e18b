// Reads what the searching jobs found as data, and renders new parameters from it. Its job can write nothing.
import { join } from 'node:path';
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import { proposeParameters } from '../../../pipeline/operations/sweep/apply-trial.ts';
import { joinShares } from '../../../pipeline/operations/sweep/shares.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { renderSweepHtml, renderSweepMarkdown } from '../../../platform/report/index.ts';
import { parseFlag } from '../lib/parse-input.ts';
import { runAction } from '../lib/run.ts';
import { writeSweepProposal } from '../lib/sweep-proposal.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const report = await joinShares(context, core.getInput('shares', { required: true }));
  await core.summary.addRaw(renderSweepMarkdown(report)).write();
  const folder = core.getInput('folder', { required: true });
  await writeFileAtomic(join(folder, 'sweep.html'), renderSweepHtml(report));
  const unsure = report.comparison?.verdict === 'within noise';
  const parameters = proposeParameters(context, report);
  const proposed =
    parameters !== null && (!unsure || parseFlag(core.getInput('within-noise'), 'within-noise'));
  if (!proposed) core.notice(`${project}: nothing to propose; the summary says why.`);
  core.setOutput('proposed', proposed);
  await writeSweepProposal(folder, proposed ? { version: 1, project, parameters, report } : null);
});
