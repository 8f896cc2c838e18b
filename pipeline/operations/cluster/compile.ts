import { isMainstemError } from '../../../platform/lib/errors.ts';
import { renderYaml } from '../../../platform/lib/render-yaml.ts';
import type { BackendChoice, BackendInfo } from '../../../platform/schemas/index.ts';
import { backendFor } from '../../backend-for.ts';
import {
  buildJob,
  buildPipelineSpec,
  buildWorkflow,
  type Plan,
  type Site,
  stageTask,
  trialTask,
} from '../../cluster/index.ts';
import type { ProjectContext } from '../../context.ts';
import { runRecipe } from '../../run.ts';
import { trialRecipe } from '../../run-trial.ts';
import { stageGraph } from '../../stage-graph.ts';
import { loadSweep } from '../../sweep/index.ts';
import { listTrials } from '../sweep/list-trials.ts';
import { measuresFile } from '../sweep/session.ts';
import { trialsOf } from '../sweep/sweep.ts';
import { backendWord, openSite, type SiteRequest } from './open-site.ts';

/** For whom a pipeline is written down. */
export const targets = ['kubernetes', 'argo', 'kfp'] as const;
export type Target = (typeof targets)[number];

/** What is compiled, and into what. */
export interface CompileRequest extends Omit<SiteRequest, 'backend' | 'recipe'> {
  readonly target: Target;
  readonly backend: BackendChoice;
  /** The trials of the project's sweep instead of a run. */
  readonly sweep?: boolean | undefined;
  /** Of a sweep, instead of what sweep.json says. */
  readonly trials?: number | undefined;
  /** Of a sweep: how many at a time. @default 8 */
  readonly parallel?: number | undefined;
}

/**
 * Writes down a project's run, or the trials of its sweep, as manifests in YAML: Jobs of Kubernetes, a Workflow of Argo, or the
 * intermediate representation of Kubeflow Pipelines. Equal inputs give equal bytes.
 *
 * @param version of Mainstem
 * @throws MainstemError JOB_*, SWEEP_*, DATA_UNLOCKED, GIT_*
 */
export async function compilePipeline(
  context: ProjectContext,
  { target, sweep, trials, parallel = 8, ...request }: CompileRequest,
  version: string,
): Promise<string> {
  const { known, backend } = await backendOf(context, request.backend);
  const recipeOf = sweep ? trialRecipe : runRecipe;
  const recipe = known ? await recipeOf(context, backend) : null;
  const site = await openSite(context, { ...request, backend: backendWord(backend), recipe });
  const searched = sweep ? await readTrials(context, trials) : { trials: null, footprint: false };
  const plan: Plan = { site, stages: stageGraph(context, backend), parallel, ...searched };
  return renderAll(documentsOf(plan, target, version));
}

/** A backend that is named may be had on the cluster alone: then nobody here knows what goes into the run keys. */
async function backendOf({ project: { definition } }: ProjectContext, choice: BackendChoice) {
  try {
    return { known: true, backend: await backendFor(definition, choice) };
  } catch (error) {
    if (choice === 'auto' || !isMainstemError(error, 'BACKEND_UNAVAILABLE')) throw error;
    const { reason } = error.details;
    const unknown: BackendInfo = {
      name: choice,
      class: '',
      deterministic: false,
      reason: `${reason}`,
    };
    return { known: false, backend: unknown };
  }
}

async function readTrials({ workspace, project }: ProjectContext, asked: number | undefined) {
  const sweep = await loadSweep(workspace.root, project);
  const trials = listTrials(sweep, project.definition.name, trialsOf(sweep, asked));
  return { trials, footprint: measuresFile(sweep) };
}

function documentsOf(plan: Plan, target: Target, version: string): object[] {
  if (target === 'argo') return [buildWorkflow(plan)];
  if (target === 'kfp') return buildPipelineSpec(plan, version);
  return buildJobs(plan, plan.site);
}

/** Jobs know no order: a run is one of them, and each trial makes what all share unless another has. */
function buildJobs({ trials, footprint }: Plan, site: Site): object[] {
  if (!trials) return [buildJob(site, stageTask(site))];
  return trials.map((values) => buildJob(site, trialTask(site, values, footprint)));
}

function renderAll(documents: readonly object[]): string {
  return documents.map(renderYaml).join('---\n');
}
