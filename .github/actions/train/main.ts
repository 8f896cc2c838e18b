// Provides the locked data, runs the pipeline for each project, compares the candidate with the champion and writes a
// bundle (candidate.json, cost.json, blobs) for the trusted job, which judges, with the model's cards for people. Gates are only
// reported here: main's own decide.

import { join } from 'node:path';
import * as core from '@actions/core';
import { openContexts } from '../../../pipeline/context.ts';
import { experiment } from '../../../pipeline/operations/experiment.ts';
import { renderMarkdown } from '../../../platform/report/index.ts';
import { writeBundle } from '../lib/bundle.ts';
import { runAction } from '../lib/run.ts';
import { backendInput, openActionWorkspace, projectsInput, seedsInput } from '../lib/workspace.ts';

await runAction(async () => {
  const workspace = openActionWorkspace();
  const folder = core.getInput('folder', { required: true });
  const runs: string[] = [];
  const failed: string[] = [];
  const request = {
    ...{ backend: backendInput(), seeds: seedsInput() },
    remote: core.getInput('remote'),
  };
  for (const context of await openContexts(workspace, await projectsInput(workspace.root))) {
    const { name } = context.project.definition;
    const { report, record } = await experiment(context, request);
    await writeBundle(workspace, join(folder, name), record);
    await core.summary.addRaw(renderMarkdown(report)).write();
    runs.push(`${name}=${record.run}`);
    failed.push(
      ...report.gates.filter((gate) => !gate.passed).map((gate) => `${name}: ${gate.message}`),
    );
    core.setOutput('runs', runs.join(' '));
  }
  core.setOutput('gates-passed', failed.length === 0);
  if (failed.length > 0) core.warning(`Gates failed. ${failed.join('; ')}`);
});
