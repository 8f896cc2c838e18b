import { join, relative } from 'node:path';
import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { isMainstemError, MainstemError } from '../platform/lib/errors.ts';
import { git, headCommit } from '../platform/lib/git.ts';
import { type Digest, digestJson } from '../platform/lib/hash.ts';
import { parseValue } from '../platform/lib/json.ts';
import { writeJson } from '../platform/lib/json-file.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { parseVersioned } from '../platform/lib/parse-versioned.ts';
import { readTextIfThere } from '../platform/lib/read-text.ts';
import { abbreviate } from '../platform/lib/text.ts';
import {
  digestFeatures,
  type FeatureDefinition,
  keysOf,
  type Project,
} from '../platform/schemas/define/index.ts';
import {
  type DataLock,
  ModelRecord,
  type StageName,
  type StageOutputs,
  stageNames,
  stages as stageTable,
  type Workspace,
} from '../platform/schemas/index.ts';
import {
  type Handle,
  type KnownResult,
  type RecordStore,
  runFolder,
  type StageSummary,
} from './engine/index.ts';
import { readIndex } from './prepare/index.ts';

/** What a finished flow leaves for the record. */
export interface RecordSources {
  readonly workspace: Workspace;
  readonly store: RecordStore;
  readonly project: Project;
  readonly lock: DataLock;
  readonly stages: readonly StageSummary[];
  readonly handles: StageHandles;
}

/** The handle of each stage; null for one that the project does not have. */
export type StageHandles = {
  readonly [Name in StageName]: Handle<StageOutputs<Name>> | null;
};

/**
 * Builds the model's record from the stages' outputs; null if one has none. Equal runs give equal records except
 * for the commit: the time is that of the run that packaged the model, not of the run that reused it.
 */
export async function buildRecord(sources: RecordSources): Promise<ModelRecord | null> {
  const { workspace, store, project, lock, stages, handles } = sources;
  const outputs = recordedOutputsOf(handles);
  if (!outputs || !handles.prepare?.outputs) return null;
  const { definition, parameters } = project;
  const key = runKey(stages);
  return parseValue(
    {
      version: 1,
      model: definition.name,
      run: abbreviate(key),
      key,
      task: definition.task,
      classes: definition.classes ?? [],
      createdAt: stages.find(({ stage }) => stage === handles.package?.name)?.startedAt,
      ...(await readCommit(workspace.root)),
      data: dataDigests(project, lock),
      parameters,
      stages: Object.fromEntries(stages.map((stage) => [stage.stage, stage.key])),
      ...(definition.features && { features: contractOf(definition.features) }),
      preprocessing: (await readIndex(store, handles.prepare.outputs)).preprocessing,
      ...outputs,
      page: pageOf(project),
    },
    ModelRecord,
    `the record of ${definition.name}`,
  );
}

/** What a server needs to know to look up a model's features. */
function contractOf(features: FeatureDefinition): ModelRecord['features'] {
  const views = Object.entries(features.views).map(([name, view]) => [
    name,
    { keys: [...keysOf(features, view)], fields: [...view.fields] },
  ]);
  return { definition: digestFeatures(features), views: Object.fromEntries(views) };
}

/** The part of the record that stages fill; null if one of them has no outputs. */
function recordedOutputsOf(handles: StageHandles): Record<string, unknown> | null {
  const recorded = stageNames.flatMap((name) => {
    const { recordedAs } = stageTable[name];
    const handle = handles[name];
    return handle && recordedAs ? [[recordedAs, handle.outputs] as const] : [];
  });
  const complete = recorded.every(([, outputs]) => outputs !== null);
  return complete ? Object.fromEntries(recorded) : null;
}

/** SHA-256 over the keys of all stages. */
export function runKey(stages: readonly StageSummary[]): Digest {
  return digestJson(Object.fromEntries(stages.map(({ stage, key }) => [stage, key])));
}

/** The stage results that a record carries, each with its key. */
export function knownResults(record: ModelRecord): KnownResult[] {
  return stageNames.flatMap((name) => {
    const { recordedAs } = stageTable[name];
    const outputs = recordedAs && record[recordedAs];
    const key = record.stages[name];
    return key && outputs ? [{ key, outputs }] : [];
  });
}

/** The record that the last run of the project left, or null. @throws MainstemError CANDIDATE_DAMAGED, FILE_UNREADABLE */
export async function readCandidate(root: string, project: string): Promise<ModelRecord | null> {
  const path = candidatePath(root, project);
  const text = await readTextIfThere(path, relative(root, path));
  try {
    return text === null ? null : parseVersioned(text, ModelRecord, relative(root, path));
  } catch (cause) {
    if (!isMainstemError(cause)) throw cause;
    throw new MainstemError('CANDIDATE_DAMAGED', { reason: cause.message, project }, { cause });
  }
}

/**
 * Writes a record where `report` and `promote` read it; an equal one is kept as it is. What is known of other seeds of the
 * same run stays known.
 *
 * @returns the record as it is kept
 */
export async function writeCandidate(root: string, record: ModelRecord): Promise<ModelRecord> {
  const before = await readCandidate(root, record.model).catch(() => null);
  const known = before?.key === record.key && before.seeds ? { seeds: before.seeds } : {};
  const kept = { ...known, ...record };
  if (before && canonicalJson(before) === canonicalJson(kept)) return before;
  await writeJson(candidatePath(root, record.model), kept);
  return kept;
}

function candidatePath(root: string, project: string): string {
  return join(runFolder(root, project), 'candidate.json');
}

/**
 * The commit that is checked out, and whether the tree differs from it. Promotions (`models/`) do not count:
 * they follow from a run and decide nothing in it.
 */
async function readCommit(root: string): Promise<{ commit: string | null; dirty: boolean }> {
  const commit = await headCommit(root);
  if (commit === null) return { commit, dirty: true };
  const changes = await git(root, 'status', '--porcelain', '--', '.', ':(exclude)models');
  return { commit, dirty: changes !== '' };
}

function dataDigests({ definition }: Project, { datasets }: DataLock): Record<string, Digest> {
  const { data, outOfDistribution, backbone } = definition;
  const names = [data.name, outOfDistribution?.name, backbone?.name];
  return Object.fromEntries(
    names.flatMap((name) => {
      const dataset = name === undefined ? undefined : ownValue(datasets, name);
      return name !== undefined && dataset ? [[name, dataset.digest] as const] : [];
    }),
  );
}

/** The texts of a project's page; a class without a text is called by its own name. */
export function pageOf({ definition }: Project): ModelRecord['page'] {
  const { title, intro, refusal, classes } = definition.page;
  const own = (definition.classes ?? []).map(
    (name) => [name, ownValue(classes, name) ?? name] as const,
  );
  return { title, intro, refusal, classes: Object.fromEntries(own) };
}
