// Collects and locks on the default branch and pushes the data. It may download from anywhere, so its job holds no
// token that can write to the repository; what it found goes to another job as text.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import { openContext, type ProjectContext } from '../../../pipeline/context.ts';
import { collectAndLock } from '../../../pipeline/operations/collect-and-lock.ts';
import { planRun } from '../../../pipeline/operations/plan.ts';
import { changedEntries } from '../lib/lock-entries.ts';
import { parseFlag, parseHarvest } from '../lib/parse-input.ts';
import { type Proposal, writeProposal } from '../lib/proposal-file.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const project = core.getInput('project', { required: true });
  const context = await openContext(openActionWorkspace(), project);
  const harvest = parseHarvest(core.getInput('harvest'));
  const collecting = parseFlag(core.getInput('collect'), 'collect', true);
  const folder = core.getInput('folder', { required: true });
  const found = collecting ? await collect(context, { harvest, folder }) : await describe(context);
  core.setOutput('changed', found !== null);
  await writeProposal(folder, found && { version: 1, project, harvest, ...found });
});

type Found = Pick<Proposal, 'datasets' | 'changes' | 'joined'>;

/** @param folder of the proposal; the page to review feedback lies beside it, and comes along with the artefact */
async function collect(
  context: ProjectContext,
  { harvest, folder }: { readonly harvest: string; readonly folder: string },
): Promise<Found | null> {
  const feedback = core.getInput('feedback');
  if (feedback !== '' && !existsSync(feedback))
    core.warning(
      `There is no folder ${feedback}, so that no correction becomes data. Is it the server's, and mounted here?`,
    );
  const changed = await collectAndLock(context, {
    ...{ harvest, remote: core.getInput('remote'), now: Date.now() },
    ...{ predictions: core.getInput('predictions'), feedback },
    sheet: join(folder, 'feedback.html'),
  });
  if (changed) {
    const lines = [...changed.feedback, ...changed.diff.split('\n')];
    const changes = lines.slice(0, 20).map((line) => line.slice(0, 500));
    const datasets = changedEntries(context.lock, changed.lock);
    return { datasets, changes, ...(changed.joined && { joined: changed.joined }) };
  }
  core.notice(`${context.project.definition.name}: the data matches the lock; nothing to propose.`);
  return null;
}

/** Where a definition was merged that no run has measured yet. */
async function describe(context: ProjectContext): Promise<Found | null> {
  const { project, affected, reason } = await planRun(context);
  if (affected) return { datasets: {}, changes: [reason] };
  core.notice(`${project}: ${reason} Nothing to propose.`);
  return null;
}
