import { chooseBackend } from './backends/index.ts';
import { openStore, readLock, readStatus, type Store } from './data/index.ts';
import type { Project, ProjectDefinition } from './define.ts';
import { evaluateStage } from './evaluation/index.ts';
import { prepareStage } from './features/index.ts';
import { MainstemError } from './lib/errors.ts';
import type { FileLog } from './lib/file-log.ts';
import type { Digest } from './lib/hash.ts';
import { packageStage } from './package/index.ts';
import { buildRecord, knownResults, runKey, writeCandidate } from './record.ts';
import {
  createFlow,
  type Flow,
  type FlowSelection,
  type RecordStore,
  type StageSummary,
} from './stages/index.ts';
import { trainStage } from './training/index.ts';
import type {
  BackendInfo,
  BackendName,
  DataLock,
  LockedDataset,
  ModelRecord,
  ValidateOutput,
  Workspace,
} from './types.ts';
import { validateStage } from './validation/index.ts';

/** What the pipeline computes with. */
interface Materials {
  readonly definition: ProjectDefinition;
  readonly dataset: LockedDataset;
  /** Inputs that must be refused. */
  readonly other: LockedDataset | null;
  readonly backend: BackendInfo;
}

/** The whole flow, from locked data to a packaged model. */
function declareStages(flow: Flow, { definition, dataset, other, backend }: Materials) {
  const { task, split, table, slices = [], checks = {}, budgets } = definition;
  const strangers = definition.outOfDistribution;
  const classes = definition.classes ?? [];
  const rows = { split, classes, ...(table && { table }) };

  const validated = flow.stage(validateStage, {
    ...{ dataset, outOfDistribution: other, task, checks },
    // A table's slices are columns that it must have.
    ...(table && { slices }),
    ...rows,
  });
  const prepared = flow.stage(prepareStage, { dataset, ...rows });
  const preparedOther = other
    ? flow.stage(
        prepareStage,
        { dataset: other, fitted: prepared, ...rows },
        { as: 'prepare-other' },
      )
    : null;
  // Preparing needs no verdict on the data, training does.
  const trained = flow.stage(
    trainStage,
    { prepared, outOfDistribution: preparedOther, task, classes, backend },
    { after: [validated] },
  );
  const evaluated = flow.stage(evaluateStage, {
    ...{ prepared, outOfDistribution: preparedOther, trained, task, classes, slices, backend },
    dataset: definition.data.name,
    ...(strangers && { outOfDistributionDataset: strangers.name }),
  });
  const packaged = flow.stage(packageStage, {
    ...{ prepared, trained, evaluation: evaluated, task, classes, budgets, backend },
    provenance: provenanceOf({ definition, dataset, other }),
  });
  return { validated, prepared, preparedOther, trained, evaluated, packaged };
}

export interface RunOptions extends FlowSelection {
  readonly backend: 'auto' | BackendName;
  /** Where each look at a source file or a package is noted. */
  readonly log?: FileLog | undefined;
}

export interface RunResult {
  readonly stages: readonly StageSummary[];
  /** Null if validation did not take place. */
  readonly validation: ValidateOutput | null;
  /** Null unless every stage has a result. */
  readonly record: ModelRecord | null;
  /** Datasets whose files on disk are not what the lock says: the run took the locked ones. */
  readonly changedData: readonly string[];
}

/**
 * Runs the stages of a project for the working tree as far as there are no results yet, and leaves the model's
 * record as the candidate that `report` and `promote` find.
 *
 * @throws MainstemError DATASET_NOT_LOCKED, BACKEND_UNAVAILABLE, STAGE_UNKNOWN, and the error of the first
 *   stage that failed, for example VALIDATION_FAILED with `details.findings`.
 */
export async function runPipeline(
  workspace: Workspace,
  project: Project,
  { backend: request, ...selection }: RunOptions,
): Promise<RunResult> {
  const lock = await readLock(workspace.root);
  const store = openStore(workspace.root);
  const backend = await chooseBackend(request);
  const flow = createFlow({ workspace, store, project, ...selection });
  const handles = declareStages(flow, materialsOf(project.definition, lock, backend));
  const changedData = await warnOfChangedData(workspace, store, lock, project);
  const stages = await flow.finish();
  flow.assertSucceeded();
  const record = selection.dryRun
    ? null
    : await buildRecord({ workspace, store, project, lock, stages, handles });
  if (record) await writeCandidate(workspace.root, record);
  return { stages, validation: handles.validated.outputs, record, changedData };
}

async function warnOfChangedData(
  workspace: Workspace,
  store: Store,
  lock: DataLock,
  project: Project,
): Promise<string[]> {
  const status = await readStatus(workspace, store, lock, project);
  const changed = status.filter(({ state }) => state === 'changed' || state === 'unknown');
  const { name } = project.definition;
  for (const { path } of changed) {
    workspace.reporter.warn(
      `${path} is not what data.lock.json says; this run takes the locked data. ` +
        `"npx mainstem lock ${name}" takes the change in.`,
    );
  }
  return changed.map(({ dataset }) => dataset);
}

export interface KeyOptions {
  /**
   * A record whose outputs may stand in for stages that never ran on this machine, provided that the tree
   * gives these stages the same keys; its backend is used. Without it the backend is `auto`.
   */
  readonly record?: ModelRecord | null;
}

/**
 * The run key that the working tree gives, without running anything. Where a stage waits for one without a
 * result its key cannot be known: then `complete` is false, and `key` is no run's key.
 *
 * @throws MainstemError DATASET_NOT_LOCKED
 */
export async function computeRunKey(
  workspace: Workspace,
  project: Project,
  { record }: KeyOptions = {},
): Promise<{ key: Digest; complete: boolean; stages: readonly StageSummary[] }> {
  const lock = await readLock(workspace.root);
  const backend = record?.training.backend ?? (await chooseBackend('auto'));
  const known = record ? knownResults(record) : [];
  const store: RecordStore = openStore(workspace.root);
  const flow = createFlow({ workspace, store, project, dryRun: true, known });
  declareStages(flow, materialsOf(project.definition, lock, backend));
  const stages = await flow.finish();
  const complete = stages.every(({ key }) => key !== null);
  return { key: runKey(stages), complete, stages };
}

function materialsOf(
  definition: ProjectDefinition,
  lock: DataLock,
  backend: BackendInfo,
): Materials {
  const locked = (dataset: string) => {
    const found = lock.datasets[dataset];
    if (found) return found;
    throw new MainstemError('DATASET_NOT_LOCKED', { dataset, project: definition.name });
  };
  const other = definition.outOfDistribution ? locked(definition.outOfDistribution.name) : null;
  return { definition, dataset: locked(definition.data.name), other, backend };
}

/** What the packaged file says of its origin; nothing of when or where, so that equal inputs give equal bytes. */
function provenanceOf({ definition, dataset, other }: Omit<Materials, 'backend'>) {
  return {
    model: definition.name,
    data: dataset.digest,
    ...(other && { outOfDistribution: other.digest }),
  };
}
