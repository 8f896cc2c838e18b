// Decides which projects are retrained, by the policy of each. It reads the event, earlier pull requests and, where its runner has
// them, the server's prediction log and feedback, and starts nothing itself.
import * as core from '@actions/core';
import { openContext } from '../../../pipeline/context.ts';
import {
  decideRetraining,
  type RetrainDecision,
  type RetrainLimits,
} from '../../../pipeline/operations/decide-retraining.ts';
import { readEvidence, weighEvidence } from '../../../pipeline/operations/weigh-evidence.ts';
import { markdownText } from '../../../platform/lib/markdown.ts';
import { parseDuration } from '../../../platform/lib/parse-duration.ts';
import {
  loadProject,
  type ProjectDefinition,
  projectNames,
} from '../../../platform/schemas/define/index.ts';
import { openGitHub } from '../lib/github.ts';
import { parseFlag, parseOptionalNumber } from '../lib/parse-input.ts';
import { type Cause, retrainCause } from '../lib/retrain-cause.ts';
import { readAttempts } from '../lib/retrain-memory.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace, projectsInput, repositoryRoot } from '../lib/workspace.ts';

await runAction(async () => {
  const github = openGitHub(core.getInput('github-token', { required: true }));
  const variables = readVariables();
  const cause = retrainCause();
  const known = await retrainable(parseFlag(core.getInput('collect'), 'collect', true));
  const names = [...known.keys()];
  const projects = cause.project ? [cause.project] : await projectsInput(repositoryRoot, names);
  const attempts = await Promise.all(names.map((name) => readAttempts(github, name)));
  const allowed = decideRetraining(
    { cause: cause.kind, fingerprint: cause.fingerprint, projects, now: Date.now() },
    names,
    attempts.flat(),
    (project) => limitsOf(known.get(project), variables),
  );
  const decisions = await Promise.all(allowed.map((decision) => weigh(decision, cause)));
  const lines = decisions.map(({ project, start, reason }) => {
    return `- ${markdownText(project)}: ${start ? 'retrained' : 'not retrained'}. ${markdownText(reason)}`;
  });
  await core.summary.addRaw(`${cause.words}\n\n${lines.join('\n')}\n`).write();
  for (const { project, start, reason } of decisions)
    if (!start) core.notice(`${project}: ${reason}`);
  const started = decisions.filter(({ start }) => start);
  core.setOutput('projects', JSON.stringify(started.map(({ project }) => project)));
  const reasons = Object.fromEntries(started.map(({ project, reason }) => [project, reason]));
  core.setOutput('reasons', JSON.stringify(reasons));
  core.setOutput('count', started.length);
});

/** Projects with a `collect`, or with feedback; all of them where nothing is collected. */
async function retrainable(collecting: boolean): Promise<Map<string, ProjectDefinition>> {
  const names = await projectNames(repositoryRoot);
  const projects = await Promise.all(names.map((name) => loadProject(repositoryRoot, name)));
  const learnsFromPeople = core.getInput('feedback') !== '';
  return new Map(
    projects
      .map(({ definition }) => definition)
      .filter(({ collect, classes }) => !collecting || collect || (learnsFromPeople && classes))
      .map((definition) => [definition.name, definition] as const),
  );
}

/** Variables of the repository that count before a project's policy. */
function readVariables(): Partial<RetrainLimits> {
  const [most, least] = [100_000, 0];
  const coolDownHours = parseOptionalNumber(core.getInput('cool-down-hours'), {
    ...{ input: 'cool-down-hours', least, most },
  });
  const budget = parseOptionalNumber(core.getInput('budget'), { input: 'budget', least, most });
  return {
    ...(coolDownHours !== undefined && { coolDownHours }),
    ...(budget !== undefined && { budget }),
  };
}

/** As the project's policy says, unless a variable of the repository says otherwise. */
function limitsOf(
  definition: ProjectDefinition | undefined,
  variables: Partial<RetrainLimits>,
): RetrainLimits {
  const written = parseDuration(definition?.retraining.coolDown ?? '') ?? 0;
  const budget = definition?.retraining.budget ?? 0;
  return { coolDownHours: written / 3_600_000, budget, ...variables };
}

async function weigh(decision: RetrainDecision, cause: Cause): Promise<RetrainDecision> {
  if (!decision.start || cause.kind === 'person') return decision;
  const context = await openContext(openActionWorkspace(), decision.project);
  const folders = {
    predictions: core.getInput('predictions'),
    feedback: core.getInput('feedback'),
  };
  const evidence = await readEvidence(context, cause.kind, folders, Date.now());
  return {
    ...decision,
    ...weighEvidence(cause.kind, evidence, context.project.definition.retraining),
  };
}
