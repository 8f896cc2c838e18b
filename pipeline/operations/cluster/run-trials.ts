import { MainstemError } from '../../../platform/lib/errors.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import type { BackendInfo } from '../../../platform/schemas/index.ts';
import { jobName, trialTask } from '../../cluster/index.ts';
import type { ProjectContext } from '../../context.ts';
import { planTrial, trialRecipe } from '../../run-trial.ts';
import { isOpen } from '../share-results.ts';
import type { Elsewhere } from '../sweep/session.ts';
import { createDispatcher } from './dispatch.ts';
import { openKubectl } from './kubectl.ts';
import { backendWord, openSite, publishData } from './open-site.ts';

/** How work is given to a cluster. */
export interface ClusterRequest {
  /** Instead of the one in package.json. */
  readonly image?: string | undefined;
  /** Submits again what failed in an earlier session. */
  readonly restart?: boolean | undefined;
}

/** The cluster, and what its trials have in common. */
interface TrialRunnerRequest extends ClusterRequest {
  readonly remote?: string | undefined;
  readonly backend: BackendInfo;
  readonly footprint: boolean;
}

/**
 * Opens what has trials run as Jobs. A trial whose results are in the remote needs none, whoever left them there; a Job that runs
 * under the same name is waited for.
 *
 * @param context whose store shares results
 * @throws MainstemError JOB_*, REMOTE_*, GIT_*
 */
export async function openTrialRunner(
  context: ProjectContext,
  { remote, image, backend, footprint, restart = false }: TrialRunnerRequest,
): Promise<Elsewhere> {
  const { workspace } = context;
  const recipe = await trialRecipe(context, backend);
  const site = await openSite(context, { remote, image, backend: backendWord(backend), recipe });
  await publishData(context, site.remote);
  const kubectl = openKubectl(workspace.signal);
  const dispatcher = createDispatcher({ workspace, site, kubectl, restart });
  const quiet = { ...context, workspace: { ...workspace, reporter: silentReporter } };
  return async (values, request) => {
    const isDone = async () =>
      (await planTrial(quiet, request, footprint)).every(({ action }) => !isOpen(action));
    if (await isDone()) return;
    const task = trialTask(site, values, footprint);
    await dispatcher.run(task);
    if (await isDone()) return;
    const job = jobName(site, task);
    throw new MainstemError('JOB_RESULT_MISSING', { job, address: site.remote });
  };
}
