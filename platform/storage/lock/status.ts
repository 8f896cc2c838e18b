import { type Static, Type } from 'typebox';
import { isMainstemError } from '../../lib/errors.ts';
import { ownValue } from '../../lib/own-value.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import {
  type DataLock,
  DigestSchema,
  type LockedDataset,
  type ManifestEntry,
  type Workspace,
} from '../../schemas/index.ts';
import type { Store } from '../store/store.ts';
import { isSamePlace } from './assert-place.ts';
import { isNotedConsistent, noteConsistent } from './consistent-entries.ts';
import { DatasetDiff, diffFiles } from './diff.ts';
import { findContradictions } from './find-contradictions.ts';
import { hashDataset } from './hash-dataset.ts';
import { countLeftOut, LeftOut } from './left-out.ts';
import { lockedOf } from './locked-of.ts';
import { readManifest } from './manifest.ts';
import { findMissing, isComplete } from './missing-blobs.ts';
import { findSharedDatasets } from './shared-datasets.ts';

/** How a dataset on disk compares with the lock, and the lock with the store. */
export const DatasetStatus = Type.Object({
  project: Type.String(),
  dataset: Type.String(),
  path: Type.String(),
  /**
   * `unlocked`: not in the lock; `absent`: nothing on disk; `unknown`: it differs, but the store
   * lacks the locked manifest that would show how.
   */
  state: Type.Union([
    Type.Literal('clean'),
    Type.Literal('changed'),
    Type.Literal('unlocked'),
    Type.Literal('absent'),
    Type.Literal('unknown'),
  ]),
  changes: Type.Omit(DatasetDiff, ['classes']),
  /** Where the lock has it, if that is not where the project has it; null otherwise. */
  lockedPath: Type.Union([Type.String(), Type.Null()]),
  leftOut: Type.Array(LeftOut),
  /** Where the lock's entry contradicts its own files or project.ts; empty too if that was not looked for. */
  contradictions: Type.Array(Type.String()),
  /** The other projects that have the dataset; with where they define it differently, as only one of them can be right. */
  shared: Type.Array(
    Type.Object({ project: Type.String(), differences: Type.Array(Type.String()) }),
  ),
  /** The locked files, and the manifest, of which the store has no intact copy. */
  missing: Type.Array(DigestSchema),
  /** How many files had to be read. */
  hashed: Type.Integer(),
});
export type DatasetStatus = Static<typeof DatasetStatus>;

const noChanges: DatasetStatus['changes'] = {
  added: [],
  removed: [],
  modified: [],
  relabelled: [],
};

/** How thoroughly a status looks. */
export interface StatusOptions {
  /** Whether the lock's counts and splits are counted again, which reads a table whole. @default false */
  readonly recount?: boolean;
}

/** The state of a project's datasets. Reads only files that have changed since they were last hashed. */
export async function readStatus(
  workspace: Workspace,
  store: Store,
  lock: DataLock,
  project: Project,
  { recount = false }: StatusOptions = {},
): Promise<DatasetStatus[]> {
  const found: DatasetStatus[] = [];
  const others = await findSharedDatasets(workspace.root, project);
  for (const dataset of lockedOf(project)) {
    const status = await datasetStatus(
      workspace,
      store,
      ownValue(lock.datasets, dataset.name),
      dataset,
    );
    const locked = recount ? ownValue(lock.datasets, dataset.name) : undefined;
    const contradictions = locked ? await contradictionsOf(store, project, dataset, locked) : [];
    const shared = others
      .filter((one) => one.dataset === dataset.name)
      .map(({ project: other, differences }) => ({
        project: other,
        differences: [...differences],
      }));
    found.push({ project: project.definition.name, ...status, contradictions, shared });
  }
  return found;
}

/** None if what they would be counted in is not there: the status says so itself. */
async function contradictionsOf(
  store: Store,
  project: Project,
  dataset: DatasetDefinition,
  locked: LockedDataset,
): Promise<string[]> {
  if (isNotedConsistent(store, project, dataset, locked)) return [];
  try {
    const files = await lockedFiles(store, locked);
    if (!files) return [];
    const found = await findContradictions(store, project, dataset, { locked, files });
    if (found.length === 0) await noteConsistent(store, project, dataset, locked);
    return found;
  } catch (error) {
    if (isMainstemError(error, 'STORE_MISSING') || isMainstemError(error, 'STORE_CORRUPT'))
      return [];
    // The project wants columns that the locked file lacks: a finding here, and the stages say the same.
    if (isMainstemError(error, 'DATA_INVALID')) return [error.message.replace(/\.$/, '')];
    throw error;
  }
}

async function datasetStatus(
  workspace: Workspace,
  store: Store,
  locked: LockedDataset | undefined,
  { name: dataset, path }: DatasetDefinition,
): Promise<Omit<DatasetStatus, 'project' | 'contradictions' | 'shared'>> {
  const working = await hashDataset(workspace, path);
  const facts = { dataset, path, hashed: working?.hashed ?? 0 };
  const lockedPath = locked && !isSamePlace(locked.path, path) ? locked.path : null;
  const leftOut = working ? countLeftOut(working.leftOut) : [];
  const base = { ...facts, changes: noChanges, missing: [], lockedPath, leftOut };
  if (!locked) return { ...base, state: 'unlocked' };
  const clean = working?.digest === locked.digest;
  if (clean && (await isComplete(store, locked.digest))) return { ...base, state: 'clean' };
  const files = await lockedFiles(store, locked);
  const missing = files ? await findMissing(store, locked.digest, files) : [locked.digest];
  if (!working) return { ...base, missing, state: 'absent' };
  if (clean) return { ...base, missing, state: 'clean' };
  if (!files) return { ...base, missing, state: 'unknown' };
  const changes = diffFiles(files, working.entries());
  return { ...base, missing, changes, state: 'changed' };
}

async function lockedFiles(
  store: Store,
  locked: LockedDataset,
): Promise<ManifestEntry[] | undefined> {
  return (await store.isIntact(locked.digest)) ? readManifest(store, locked) : undefined;
}
