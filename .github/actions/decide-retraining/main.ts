// Decides which projects are retrained. It reads the event and earlier pull requests, and starts nothing itself.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';
import { decideRetraining } from '../../../pipeline/operations/decide-retraining.ts';
import { markdownText } from '../../../platform/lib/markdown.ts';
import { loadProject, projectNames } from '../../../platform/schemas/define/index.ts';
import { retrainCause } from '../lib/retrain-cause.ts';
import { readAttempts } from '../lib/retrain-memory.ts';
import { runAction } from '../lib/run.ts';
import { repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const cause = retrainCause();
  const known = await retrainable(core.getInput('collect') !== 'false');
  const named = core.getInput('projects').split(/\s+/).filter(Boolean);
  const projects = cause.project ? [cause.project] : named.length > 0 ? named : known;
  const attempts = await Promise.all(known.map((name) => readAttempts(github, name)));
  const decisions = decideRetraining(
    { cause: cause.kind, fingerprint: cause.fingerprint, projects, now: Date.now() },
    known,
    attempts.flat(),
    {
      coolDownHours: Number(core.getInput('cool-down-hours')),
      budget: Number(core.getInput('budget')),
    },
  );
  const lines = decisions.map(({ project, start, reason }) => {
    return `- ${markdownText(project)}: ${start ? 'retrained' : 'not retrained'}. ${reason}`;
  });
  await core.summary.addRaw(`${cause.words}\n\n${lines.join('\n')}\n`).write();
  for (const { project, start, reason } of decisions)
    if (!start) core.notice(`${project}: ${reason}`);
  const started = decisions.filter(({ start }) => start).map(({ project }) => project);
  core.setOutput('projects', JSON.stringify(started));
  core.setOutput('count', started.length);
});

/** Projects with a `collect`; all of them where nothing is collected. */
async function retrainable(collecting: boolean): Promise<string[]> {
  const names = await projectNames(repositoryRoot);
  if (!collecting) return names;
  const projects = await Promise.all(names.map((name) => loadProject(repositoryRoot, name)));
  return projects
    .filter(({ definition }) => definition.collect)
    .map(({ definition }) => definition.name);
}
