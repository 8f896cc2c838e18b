// Compares the run key that the tree gives with the one that serves, project by project. Nothing affected is a success.
import { join } from 'node:path';
import * as core from '@actions/core';
import { openContexts } from '../../../pipeline/context.ts';
import { planRun } from '../../../pipeline/operations/plan.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import type { Plan } from '../lib/bundle.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace, projectsInput } from '../lib/workspace.ts';

await runAction(async () => {
  const workspace = openActionWorkspace();
  const affected: string[] = [];
  for (const context of await openContexts(workspace, await projectsInput(workspace.root))) {
    const planned = await planRun(context);
    core.info(`${planned.project}: ${planned.reason}`);
    if (planned.affected) affected.push(planned.project);
  }
  const plan: Plan = { version: 1, affected };
  await writeJson(join(core.getInput('folder', { required: true }), 'plan.json'), plan);
  core.setOutput('affected', JSON.stringify(affected));
  core.setOutput('count', affected.length);
  if (affected.length === 0) core.notice('No project is affected: nothing to train.');
});
