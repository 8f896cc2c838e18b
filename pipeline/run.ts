import type { FileLog } from '../platform/lib/file-log.ts';
import type { Digest } from '../platform/lib/hash.ts';
import { modelKind } from '../platform/schemas/define/index.ts';
import {
  type BackendChoice,
  type BackendInfo,
  type EvaluateOutput,
  type ModelRecord,
  type PrepareOutput,
  stages,
  type TrainOutput,
  type ValidateOutput,
} from '../platform/schemas/index.ts';
import { withoutHeldBack } from '../platform/storage/index.ts';
import { backendFor } from './backend-for.ts';
import { warnOfChangedData } from './changed-data.ts';
import type { ProjectContext } from './context.ts';
import { type DeclaredFeatures, declareFeatures } from './declare-features.ts';
import {
  createFlow,
  type Flow,
  type FlowSelection,
  type Handle,
  type StageSummary,
} from './engine/index.ts';
import { type Materials, materialsOf, provenanceOf } from './materials.ts';
import { modelKinds } from './model-kinds.ts';
import { packageOnBackboneStage, packageTunedStage } from './package/index.ts';
import { prepareStage } from './prepare/index.ts';
import { buildRecord, type StageHandles, writeCandidate } from './record.ts';
import { trainTunedStage } from './training/index.ts';
import { validateOnModelStage, validateStage } from './validation/index.ts';

/**
 * The whole flow, from locked data to a packaged model.
 *
 * @returns the handle of each stage; null for one that the project does not have.
 */
export function declareStages(flow: Pick<Flow, 'stage'>, materials: Materials): StageHandles {
  const { definition, dataset, outOfDistribution } = materials;
  const rows = rowsOf(definition);
  const validate = declareValidation(flow, materials);
  const preparing = { ...stages.prepare, ...prepareStage };
  const encoding = modelKind(definition) === 'trees' ? { encoding: 'codes' as const } : {};
  const prepare = flow.stage(preparing, { dataset, ...rows, ...encoding });
  const prepareOutOfDistribution = outOfDistribution
    ? flow.stage(
        preparing,
        {
          ...rows,
          ...{ dataset: outOfDistribution, fitted: prepare },
          split: withoutHeldBack(definition.split),
        },
        { as: 'prepare-out-of-distribution' },
      )
    : null;
  const prepared = { prepared: prepare, outOfDistribution: prepareOutOfDistribution };
  const features = declareFeatures(flow, materials, prepared);
  const train = declareTraining(flow, materials, features, validate);
  const evaluate = declareEvaluation(flow, materials, features, train);
  return {
    validate,
    prepare,
    'prepare-out-of-distribution': prepareOutOfDistribution,
    embed: features.embed,
    'embed-out-of-distribution': features.embedOutOfDistribution,
    activate: features.activate,
    'activate-out-of-distribution': features.activateOutOfDistribution,
    train,
    evaluate,
    package: declarePackaging(flow, materials, { features, prepare, train, evaluate }),
  };
}

/** How a dataset's rows are read, and dealt to the splits. */
function rowsOf({ split, table, classes = [] }: Materials['definition']) {
  return { split, classes, ...(table && { table }) };
}

function declareValidation(flow: Pick<Flow, 'stage'>, materials: Materials) {
  const { definition, dataset, outOfDistribution, backbone } = materials;
  const { task, table, checks } = definition;
  const looked = {
    ...{ dataset, outOfDistribution, task, checks },
    // A table's slices are columns that it must have.
    ...(table && { slices: columnsOf(definition) }),
    ...rowsOf(definition),
  };
  return backbone?.dataset.origin
    ? flow.stage(
        { ...stages.validate, ...validateOnModelStage },
        { ...looked, backbone: backbone.dataset },
      )
    : flow.stage({ ...stages.validate, ...validateStage }, looked);
}

function declareTraining(
  flow: Pick<Flow, 'stage'>,
  { definition, backbone, tuned, backend }: Materials,
  features: DeclaredFeatures,
  validate: Handle<ValidateOutput>,
) {
  const { task, table, classes = [] } = definition;
  const training = { ...features.seen, task, classes, backend };
  // Preparing needs no verdict on the data, training does.
  const after = { after: [validate] };
  if (backbone && tuned && features.embed)
    return flow.stage(
      { ...stages.train, ...trainTunedStage },
      {
        ...{ ...training, backbone, from: tuned, features: features.embed },
        featuresOutOfDistribution: features.embedOutOfDistribution,
      },
      after,
    );
  return flow.stage(
    { ...stages.train, ...modelKinds[modelKind(definition)].train },
    { ...training, ...(table?.labelScale && { labelScale: table.labelScale }) },
    after,
  );
}

function declareEvaluation(
  flow: Pick<Flow, 'stage'>,
  { definition, backend }: Materials,
  { seen }: DeclaredFeatures,
  trained: Handle<TrainOutput>,
) {
  const { task, classes = [], data, outOfDistribution } = definition;
  return flow.stage(
    { ...stages.evaluate, ...modelKinds[modelKind(definition)].evaluate },
    {
      ...{ ...seen, trained },
      ...{ task, classes, slices: columnsOf(definition), backend },
      dataset: data.name,
      ...(outOfDistribution && { outOfDistributionDataset: outOfDistribution.name }),
    },
  );
}

/** What is packaged, and what must be equal to it. */
interface Trained {
  readonly features: DeclaredFeatures;
  readonly prepare: Handle<PrepareOutput>;
  readonly train: Handle<TrainOutput>;
  readonly evaluate: Handle<EvaluateOutput>;
}

function declarePackaging(
  flow: Pick<Flow, 'stage'>,
  materials: Materials,
  { features, prepare, train, evaluate }: Trained,
) {
  const { definition, backbone, tuned, backend } = materials;
  const { task, classes = [] } = definition;
  const packaging = {
    ...{ prepared: prepare, trained: train, evaluation: evaluate },
    ...{ task, classes, backend },
    provenance: provenanceOf(materials),
  };
  return backbone
    ? flow.stage(
        { ...stages.package, ...(tuned ? packageTunedStage : packageOnBackboneStage) },
        { ...packaging, features: features.seen.prepared, backbone },
      )
    : flow.stage({ ...stages.package, ...modelKinds[modelKind(definition)].package }, packaging);
}

function columnsOf({ slices }: Materials['definition']): string[] {
  return slices.map(({ column }) => column);
}

export interface RunOptions extends FlowSelection {
  readonly backend: BackendChoice;
  /** Where each look at a source file or a package is noted. */
  readonly log?: FileLog | undefined;
}

export interface RunResult {
  readonly stages: readonly StageSummary[];
  /** Null if validation did not run. */
  readonly validation: ValidateOutput | null;
  /** Null unless every stage has a result. */
  readonly record: ModelRecord | null;
  /** Names of datasets that differ from the lock's entry, on disk or in its counts: the run took the locked files. */
  readonly changedData: readonly string[];
}

/**
 * The digest of all that goes into a project's run from outside: see {@link Flow.recipe}.
 *
 * @throws MainstemError DATA_UNLOCKED
 */
export function runRecipe(
  { workspace, store, project, lock }: ProjectContext,
  backend: BackendInfo,
): Promise<Digest> {
  const flow = createFlow({ workspace, store, project, dryRun: true });
  declareStages(flow, materialsOf(project, lock, backend));
  return flow.recipe();
}

/**
 * Runs the stages of a project for the working tree as far as there are no results yet, and leaves the model's
 * record as the candidate that `report` and `promote` find.
 *
 * @throws MainstemError DATA_UNLOCKED, BACKEND_UNAVAILABLE, STAGE_UNKNOWN, and the error of the first
 *   stage that failed, for example VALIDATION_FAILED with `details.findings`.
 */
export async function runPipeline(
  context: ProjectContext,
  { backend: request, ...selection }: RunOptions,
): Promise<RunResult> {
  const { workspace, store, project, lock } = context;
  const backend = await backendFor(project.definition, request);
  const flow = createFlow({ workspace, store, project, ...selection });
  const handles = declareStages(flow, materialsOf(project, lock, backend));
  const changedData = await warnOfChangedData(context);
  const summaries = await flow.finish();
  flow.assertSucceeded();
  const built = selection.dryRun
    ? null
    : await buildRecord({ workspace, store, project, lock, stages: summaries, handles });
  const record = built && (await writeCandidate(workspace.root, built));
  return { stages: summaries, validation: handles.validate?.outputs ?? null, record, changedData };
}
