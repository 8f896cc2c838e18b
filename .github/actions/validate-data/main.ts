// Provides the locked data, runs the validation stage for each project, writes annotations and a summary.
// Fails if any finding is an error.
import { join } from 'node:path';
import * as core from '@actions/core';
import { openContexts } from '../../../pipeline/context.ts';
import { validate } from '../../../pipeline/operations/validate.ts';
import { renderFindingsMarkdown } from '../../../pipeline/validation/index.ts';
import { lockFile } from '../../../platform/lib/layout.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import type { Finding } from '../../../platform/schemas/index.ts';
import { parseLock } from '../../../platform/storage/index.ts';
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
  const lock = await readFile(join(workspace.root, lockFile), 'utf8');
  const place = ({ code, dataset }: Finding) => ({
    ...{ title: code, file: lockFile, startLine: lineOfDataset(lock, dataset) },
  });
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  for (const finding of errors.slice(0, shown)) core.error(annotation(finding), place(finding));
  for (const finding of warnings.slice(0, shown)) core.warning(annotation(finding), place(finding));
  core.setOutput('findings', findings.length);
  core.setOutput('errors', errors.length);
  await core.summary.addRaw(renderFindingsMarkdown(findings)).write();
  if (errors.length > 0)
    core.setFailed(`${errors.length} of ${findings.length} findings are errors.`);
});

/**
 * Where a pull request that changes the data shows the finding: at the dataset's entry in the lock.
 *
 * @param text of the lock @param path of the data, by which findings name a dataset
 */
function lineOfDataset(text: string, path: string): number {
  const datasets = Object.entries(parseLock(text).datasets);
  const [name = ''] = datasets.find(([, entry]) => entry.path === path) ?? [];
  const entry = `${JSON.stringify(name)}: {`;
  return Math.max(1, text.split('\n').findIndex((line) => line.trim() === entry) + 1);
}

function annotation({ dataset, message, examples, hint }: Finding): string {
  const where = examples.length > 0 ? ` (${examples.slice(0, 3).join(', ')})` : '';
  return `${dataset}: ${message}${where} ${hint}`;
}
