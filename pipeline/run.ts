import type { FileLog } from '../platform/lib/file-log.ts';
import type { Digest } from '../platform/lib/hash.ts';
import { modelKind } from '../platform/schemas/define/index.ts';
import {
  type BackendChoice,
  type BackendInfo,
  type ModelRecord,
  stages,
  type ValidateOutput,
} from '../platform/schemas/index.ts';
import { withoutHeldBack } from '../platform/storage/index.ts';
import { backendFor } from './backend-for.ts';
import { warnOfChangedData } from './changed-data.ts';
import type { ProjectContext } from './context.ts';
import { declareFeatures } from './declare-features.ts';
import { createFlow, type Flow, type FlowSelection, type StageSummary } from './engine/index.ts';
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
  const { definition, dataset, outOfDistribution, backbone, tuned, backend } = materials;
  const { task, split, table, checks } = definition;
  const kind = modelKinds[modelKind(definition)];
  const slices = definition.slices.map(({ column }) => column);
  const classes = definition.classes ?? [];
  const rows = { split, classes, ...(table && { table }) };

  const looked = {
    ...{ dataset, outOfDistribution, task, checks },
    // A table's slices are columns that it must have.
    ...(table && { slices }),
    ...rows,
  };
  const validate = backbone?.dataset.origin
    ? flow.stage(
        { ...stages.validate, ...validateOnModelStage },
        { ...looked, backbone: backbone.dataset },
      )
    : flow.stage({ ...stages.validate, ...validateStage }, looked);
  const preparing = { ...stages.prepare, ...prepareStage };
  const encoding = modelKind(definition) === 'trees' ? { encoding: 'codes' as const } : {};
  const prepare = flow.stage(preparing, { dataset, ...rows, ...encoding });
  const prepareOutOfDistribution = outOfDistribution
    ? flow.stage(
        preparing,
        { ...rows, dataset: outOfDistribution, fitted: prepare, split: withoutHeldBack(split) },
        { as: 'prepare-out-of-distribution' },
      )
    : null;
  const features = declareFeatures(flow, materials, {
    prepared: prepare,
    outOfDistribution: prepareOutOfDistribution,
  });
  /** What the model sees: features where there is a backbone. */
  const seen = features.seen;
  // Preparing needs no verdict on the data, training does.
  const training = { ...seen, task, classes, backend };
  const train =
    backbone && tuned && features.embed
      ? flow.stage(
          { ...stages.train, ...trainTunedStage },
          {
            ...{ ...training, backbone, from: tuned, features: features.embed },
            featuresOutOfDistribution: features.embedOutOfDistribution,
          },
          { after: [validate] },
        )
      : flow.stage(
          { ...stages.train, ...kind.train },
          { ...training, ...(table?.labelScale && { labelScale: table.labelScale }) },
          { after: [validate] },
        );
  const evaluate = flow.stage(
    { ...stages.evaluate, ...kind.evaluate },
    {
      ...{ ...seen, trained: train },
      ...{ task, classes, slices, backend },
      dataset: definition.data.name,
      ...(definition.outOfDistribution && {
        outOfDistributionDataset: definition.outOfDistribution.name,
      }),
    },
  );
  const packaging = {
    ...{ prepared: prepare, trained: train, evaluation: evaluate },
    ...{ task, classes, backend },
    provenance: provenanceOf({ definition, dataset, outOfDistribution, backbone }),
  };
  const packaged = backbone
    ? flow.stage(
        { ...stages.package, ...(tuned ? packageTunedStage : packageOnBackboneStage) },
        { ...packaging, features: seen.prepared, backbone },
      )
    : flow.stage({ ...stages.package, ...kind.package }, packaging);
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
    package: packaged,
  };
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
