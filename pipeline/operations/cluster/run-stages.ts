import { MainstemError } from '../../../platform/lib/errors.ts';
import { inLanes } from '../../../platform/lib/in-lanes.ts';
import { backendFor } from '../../backend-for.ts';
import { jobName, stageTask } from '../../cluster/index.ts';
import type { ProjectContext } from '../../context.ts';
import { assertJoined } from '../../joined-table.ts';
import { type RunResult, runPipeline, runRecipe } from '../../run.ts';
import { provideData } from '../provide-data.ts';
import { planRun, type RunRequest } from '../run.ts';
import { shareResults } from '../share-results.ts';
import { createDispatcher } from './dispatch.ts';
import { openKubectl } from './kubectl.ts';
import { backendWord, openSite, publishData } from './open-site.ts';
import type { ClusterRequest } from './run-trials.ts';

/**
 * Brings every stage of a project up to date by Jobs, one for each stage whose run key is known and has no result in the remote;
 * then collects what they left. Stopped, the same command goes on where it was.
 *
 * @throws MainstemError JOB_*, KUBECTL_*, REMOTE_*, and what {@link runPipeline} throws
 */
export async function runStages(
  given: ProjectContext,
  {
    cluster,
    ...request
  }: Omit<RunRequest, 'expect' | 'force'> & {
    readonly cluster: ClusterRequest;
  },
): Promise<RunResult> {
  const { sharedRemote = '', remote: _, ...options } = request;
  const { workspace, project } = given;
  const context = await shareResults(given, sharedRemote);
  await provideData(context, sharedRemote);
  await assertJoined(context);
  const backend = await backendFor(project.definition, options.backend);
  const { image, restart = false } = cluster;
  const site = await openSite(context, {
    ...{ remote: sharedRemote, image, backend: backendWord(backend) },
    recipe: await runRecipe(context, backend),
  });
  await publishData(context, site.remote);
  const kubectl = openKubectl(workspace.signal);
  const dispatcher = createDispatcher({ workspace, site, kubectl, restart });
  const done = new Map<string, string>();
  for (;;) {
    const open = await openStages(context, options);
    const lost = open.flatMap(({ key }) => done.get(key) ?? [])[0];
    if (lost) throw new MainstemError('JOB_RESULT_MISSING', { job: lost, address: site.remote });
    if (open.length === 0) break;
    await inLanes(open, open.length, async ({ stage, key }) => {
      const task = stageTask(site, stage);
      await dispatcher.run(task);
      done.set(key, jobName(site, task));
    });
  }
  return runPipeline(context, options);
}

/** The stages that would run now, each with its run key. */
async function openStages(context: ProjectContext, options: Omit<RunRequest, 'expect'>) {
  const stages = await planRun(context, options);
  return stages.flatMap(({ stage, action, key }) =>
    action === 'planned' && key !== null ? [{ stage, key }] : [],
  );
}
