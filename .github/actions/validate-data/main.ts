// Provides the locked data, runs the validation stage for each project, writes annotations and a summary.
// Fails if any finding is an error.
import * as core from '@actions/core';
import { openContexts } from '../../../pipeline/context.ts';
import { validate } from '../../../pipeline/operations/validate.ts';
import { renderFindingsMarkdown } from '../../../pipeline/validation/index.ts';
import type { Finding } from '../../../platform/schemas/index.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace, projectsInput } from '../lib/workspace.ts';

/** GitHub shows ten annotations of each kind per step; the summary lists all findings. */
const shown = 10;

await runAction(async () => {
  const workspace = openActionWorkspace();
  const findings: Finding[] = [];
  const remote = core.getInput('remote');
  for (const context of await openContexts(workspace, await projectsInput(workspace.root))) {
    findings.push(...(await validate(context, { remote })).findings);
  }
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  for (const finding of errors.slice(0, shown))
    core.error(annotation(finding), { title: finding.code });
  for (const finding of warnings.slice(0, shown))
    core.warning(annotation(finding), { title: finding.code });
  core.setOutput('findings', findings.length);
  core.setOutput('errors', errors.length);
  await core.summary.addRaw(renderFindingsMarkdown(findings)).write();
  if (errors.length > 0)
    core.setFailed(`${errors.length} of ${findings.length} findings are errors.`);
});

function annotation({ dataset, message, examples, hint }: Finding): string {
  const where = examples.length > 0 ? ` (${examples.slice(0, 3).join(', ')})` : '';
  return `${dataset}: ${message}${where} ${hint}`;
}
