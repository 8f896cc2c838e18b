import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf } from '../platform/lib/hash.ts';
import { makeFolder } from '../platform/lib/make-folder.ts';
import { silentReporter } from '../platform/lib/reporter.ts';
import { modelKind, type Parameters } from '../platform/schemas/define/index.ts';
import {
  type BackendInfo,
  FootprintOutput,
  PartOutput,
  ValidationOutput,
} from '../platform/schemas/index.ts';
import type { ProjectContext } from './context.ts';
import {
  createFlow,
  createMachine,
  type FlowSelection,
  type Machine,
  type StageSummary,
} from './engine/index.ts';
import { materialsOf } from './materials.ts';
import { modelKinds } from './model-kinds.ts';
import { declareStages } from './run.ts';
import { checkpointPath, createPartStage } from './training/index.ts';

/** What is tried, and with what. */
export interface TrialRequest {
  readonly parameters: Parameters;
  readonly backend: BackendInfo;
  /** Shared by all trials, so that they take no more than there is. */
  readonly machine: Machine;
  /** Where the checkpoint of this trial stays between its parts. */
  readonly checkpoint: string;
}

/** What a trial showed. */
export interface TrialResult {
  /** Of the last stage: equal keys are equal trials. */
  readonly key: string;
  readonly validation: ValidationOutput;
  /** Null unless it was asked for. */
  readonly footprint: FootprintOutput | null;
  /** Of its own stages, whenever they ran. */
  readonly seconds: number;
}

/**
 * Trains with other parameters and measures the model on the validation split. Neither evaluation nor packaging runs, so
 * that nobody learns anything about the test split. A trial that ran before costs nothing: its stages have run keys.
 *
 * @throws MainstemError the first error of a stage
 */
export async function runTrial(
  context: ProjectContext,
  request: TrialRequest,
  footprint: boolean,
): Promise<TrialResult> {
  await continueTraining(context, request);
  const { flow, measured, filed } = declareTrial(context, request, footprint, {});
  const stages = await flow.finish();
  flow.assertSucceeded();
  const own = stages.filter(({ stage }) => ['train', 'validation', 'footprint'].includes(stage));
  const key = own.find(({ stage }) => stage === measured.name)?.key;
  if (!measured.outputs || !key) throw new TypeError('a stage that succeeded has outputs');
  const seconds = own.reduce((sum, stage) => sum + stage.seconds, 0);
  return { key, validation: measured.outputs, footprint: filed.outputs, seconds };
}

/** Says which stages of a trial have results, and the run keys that are known. @throws MainstemError as {@link runTrial} */
export async function planTrial(
  context: ProjectContext,
  request: Omit<TrialRequest, 'checkpoint'>,
  footprint: boolean,
): Promise<StageSummary[]> {
  const { flow } = declareTrial(context, request, footprint, { dryRun: true });
  const stages = await flow.finish();
  flow.assertSucceeded();
  return stages;
}

/**
 * The digest of all that goes into the trials of a project from outside, but what each of them changes: see {@link Flow.recipe}.
 *
 * @throws MainstemError DATA_UNLOCKED
 */
export function trialRecipe(context: ProjectContext, backend: BackendInfo): Promise<Digest> {
  const { parameters } = context.project;
  return declareTrial(context, { parameters, backend, machine: createMachine() }, true, {
    dryRun: true,
  }).flow.recipe();
}

function declareTrial(
  context: ProjectContext,
  request: Omit<TrialRequest, 'checkpoint'>,
  footprint: boolean,
  { dryRun }: Pick<FlowSelection, 'dryRun'>,
) {
  const { flow, handles, materials, kind } = trialFlow(context, request, {
    ...{ to: footprint ? 'footprint' : 'validation', dryRun },
  });
  const { definition, backend } = materials;
  const [prepared, trained] = [handles.activate ?? handles.embed ?? handles.prepare, handles.train];
  if (!prepared || !trained || !handles.prepare) throw new TypeError('every project trains');
  const measured = flow.stage(
    { ...kind.validation, name: 'validation', outputs: ValidationOutput },
    {
      ...{ prepared, trained, backend, task: definition.task },
      ...{ classes: definition.classes ?? [], dataset: definition.data.name },
    },
  );
  const filed = flow.stage(
    { ...kind.footprint, name: 'footprint', outputs: FootprintOutput },
    { prepared: handles.prepare, trained, backend, backbone: materials.backbone },
    { after: [measured] },
  );
  return { flow, measured, filed };
}

/** Trains the first epochs (of trees rounds) of a trial. @throws MainstemError the first error of a stage */
export async function runPart(
  context: ProjectContext,
  request: TrialRequest,
  epochs: number,
): Promise<PartOutput & { readonly seconds: number }> {
  const { flow, handles, materials } = trialFlow(context, request, { to: 'part' });
  const { definition, backend } = materials;
  const [prepared, outOfDistribution] = [
    handles.embed ?? handles.prepare,
    handles['embed-out-of-distribution'] ?? handles['prepare-out-of-distribution'],
  ];
  if (!prepared || !handles.validate) throw new TypeError('every project validates');
  const part = flow.stage(
    {
      ...createPartStage(modelKind(definition), request.checkpoint),
      ...{ name: 'part', outputs: PartOutput },
    },
    {
      ...{ prepared, outOfDistribution, backend, epochs, task: definition.task },
      classes: definition.classes ?? [],
    },
    { after: [handles.validate] },
  );
  const stages = await flow.finish();
  flow.assertSucceeded();
  if (!part.outputs) throw new TypeError('a stage that succeeded has outputs');
  const seconds = stages.find(({ stage }) => stage === part.name)?.seconds ?? 0;
  return { ...part.outputs, seconds };
}

function trialFlow(
  { workspace, store, project, lock }: ProjectContext,
  { parameters, backend, machine }: Pick<TrialRequest, 'parameters' | 'backend' | 'machine'>,
  selection: FlowSelection,
) {
  const { definition } = project;
  // Many trials at once would talk over each other.
  const reporter = { ...silentReporter, warn: workspace.reporter.warn };
  const flow = createFlow({
    ...{ store, machine, workspace: { ...workspace, reporter } },
    ...{ project: { ...project, parameters }, ...selection },
  });
  const materials = materialsOf({ definition, parameters }, lock, backend);
  const handles = declareStages(flow, materials);
  return { flow, handles, materials, kind: modelKinds[modelKind(definition)] };
}

/** Puts the checkpoint of a trial's parts where the training of the whole looks for its own. */
async function continueTraining(context: ProjectContext, request: TrialRequest): Promise<void> {
  if (!existsSync(request.checkpoint)) return;
  const { flow } = trialFlow(context, request, { to: 'train', dryRun: true });
  const stages = await flow.finish();
  const train = stages.find(({ stage }) => stage === 'train');
  if (train?.action !== 'planned' || train.key === null) return;
  const scratch = join(context.workspace.root, '.mainstem', 'scratch', hexOf(train.key));
  if (existsSync(checkpointPath(scratch))) return;
  await makeFolder(scratch);
  await copyFile(request.checkpoint, checkpointPath(scratch));
}
