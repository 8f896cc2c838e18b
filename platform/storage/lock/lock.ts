import { join } from 'node:path';
import { countBy } from '../../lib/count-by.ts';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { lockFile } from '../../lib/layout.ts';
import { ownValue } from '../../lib/own-value.ts';
import { parseVersioned } from '../../lib/parse-versioned.ts';
import { plural } from '../../lib/plural.ts';
import { readTextIfThere } from '../../lib/read-text.ts';
import { turnPath, withTurn } from '../../lib/turn.ts';
import type { DatasetDefinition, Project, SplitDefinition } from '../../schemas/define/index.ts';
import {
  type BlobStore,
  DataLock,
  type DealtExample,
  type LockedDataset,
  metadataFile,
  type Workspace,
} from '../../schemas/index.ts';
import { dropDamagedPacks } from '../store/damaged.ts';
import { freshen } from '../store/freshen.ts';
import type { Store } from '../store/store.ts';
import { findCollisions } from './collisions.ts';
import { noteConsistent } from './consistent-entries.ts';
import { countExamples } from './count-examples.ts';
import { withDataTurn } from './data-turn.ts';
import { buildExamples } from './examples.ts';
import { hashDataset, type WorkingDataset } from './hash-dataset.ts';
import { withoutHeldBack } from './held-back.ts';
import { describeSufficient, findHeldBackGaps, toCandidates } from './held-back-gaps.ts';
import { countLeftOut, renderLeftOut } from './left-out.ts';
import { lockedOf, sourcesOf, unsaid } from './locked-of.ts';
import { notePacked } from './missing-blobs.ts';
import { assertOneDefinition } from './shared-datasets.ts';

/** Reads the lock; an empty one if there is no file. @throws MainstemError JSON_INVALID, FILE_UNREADABLE */
export async function readLock(root: string): Promise<DataLock> {
  return parseLock(await readTextIfThere(join(root, lockFile), lockFile));
}

/** A lock from its text; null is the empty lock. @throws MainstemError JSON_INVALID, DATA_LOCK_CONFLICT */
export function parseLock(text: string | null): DataLock {
  if (text === null) return { version: 1, datasets: {} };
  try {
    return parseVersioned(text, DataLock, lockFile);
  } catch (error) {
    // Unlike other files, a lock can be joined by a command.
    if (!isMainstemError(error, 'MERGE_CONFLICT')) throw error;
    throw MainstemError.again('DATA_LOCK_CONFLICT', error.details, { cause: error });
  }
}

/** The lock's text: sorted keys, indented, so that equal data gives equal bytes and git shows what has changed. */
export function renderLock(lock: DataLock): string {
  return `${JSON.stringify(sortKeys(lock), null, 2)}\n`;
}

/** The part of a lock that concerns some datasets. */
export function pickDatasets(
  { version, datasets }: DataLock,
  names: ReadonlySet<string>,
): DataLock {
  const picked = Object.entries(datasets).filter(([name]) => names.has(name));
  return { version, datasets: Object.fromEntries(picked) };
}

/**
 * Stores the project's data and writes it into `data.lock.json`; other datasets stay as they are, also those that another
 * process locks at the same time. What is damaged in the store is replaced.
 *
 * @throws MainstemError DATA_MISSING, DATA_INVALID; DATA_CONTRADICTED if another project defines one of the datasets differently
 */
export async function lockProject(
  workspace: Workspace,
  store: Store,
  project: Project,
): Promise<DataLock> {
  await assertOneDefinition(workspace.root, [project]);
  const datasets: DataLock['datasets'] = {};
  for (const dataset of lockedOf(project)) {
    datasets[dataset.name] = await withDataTurn(workspace, dataset.path, () =>
      lockDataset(workspace, store, project, dataset),
    );
  }
  return mergeLock(workspace, datasets);
}

/** Puts datasets into the lock as it is now: another process may have changed it while this one read its data. */
export function mergeLock(workspace: Workspace, datasets: DataLock['datasets']): Promise<DataLock> {
  return withLockTurn(workspace, async () => {
    const before = await readLock(workspace.root);
    const lock: DataLock = { version: 1, datasets: { ...before.datasets, ...datasets } };
    await writeLock(workspace.root, lock);
    return lock;
  });
}

/** Runs `work` while nobody else writes the lock. @throws whatever `work` throws */
export function withLockTurn<Result>(
  { root, reporter, signal }: Workspace,
  work: () => Promise<Result>,
): Promise<Result> {
  const waiting = `Another command is writing ${lockFile}; waiting for it to finish.`;
  return withTurn({ path: turnPath(root, lockFile), waiting, reporter, signal }, work);
}

/** Writes `data.lock.json` if it says anything else. */
async function writeLock(root: string, lock: DataLock): Promise<void> {
  const text = renderLock(lock);
  const path = join(root, lockFile);
  if ((await readTextIfThere(path, lockFile)) !== text) await writeFileAtomic(path, text);
}

/** Stores a dataset as it is on disk; returns its entry for the lock. @throws MainstemError DATA_MISSING, DATA_INVALID */
export async function lockDataset(
  workspace: Workspace,
  store: Store,
  project: Project,
  dataset: DatasetDefinition,
): Promise<LockedDataset> {
  const { name, path } = dataset;
  await dropDamagedPacks(store, store.packs.packs());
  const working = await hashDataset(workspace, path, store);
  if (!working) {
    throw new MainstemError('DATA_MISSING', {
      dataset: name,
      path,
      project: project.definition.name,
    });
  }
  for (const note of describeNotes(working)) workspace.reporter.info(`${name}: ${note}`);
  const entries = working.entries();
  await store.put(new TextEncoder().encode(working.manifest()), 'text/plain');
  await freshen(store, [working.digest, ...entries.map(({ digest }) => digest)]);
  if (working.hashed === entries.length) await notePacked(store, working.digest, entries);
  return recordDataset(store, project, dataset, working);
}

/**
 * The lock entry of a dataset whose manifest and files are stored.
 *
 * @throws MainstemError DATA_INVALID
 */
export async function recordDataset(
  store: Store,
  project: Project,
  dataset: DatasetDefinition,
  working: WorkingDataset,
): Promise<LockedDataset> {
  const { path } = dataset;
  const { data } = project.definition;
  const { examples, locked } = await describeDataset(store, project, dataset, working);
  if (path === data.path) {
    assertGroups(examples, project);
    assertHeldBack(examples, project);
  }
  await noteConsistent(store, project, dataset, locked);
  return locked;
}

/** What people should know about a dataset that is locked all the same, in sentences without a full stop. */
export function describeNotes({ leftOut, entries }: WorkingDataset): string[] {
  const collisions = findCollisions(entries().map(({ path }) => path));
  const [example] = collisions;
  const left = renderLeftOut(countLeftOut(leftOut));
  const alike =
    example &&
    `${plural(collisions.length, 'name')} (${example.second}) differ${collisions.length === 1 ? 's' : ''} only by case from another (${example.first}); such data cannot be checked out on most volumes of macOS and Windows`;
  return [left, alike ?? ''].filter(Boolean);
}

/** The lock entry of a dataset as it is on disk. @param blobs holds its table or metadata. */
export async function describeDataset(
  blobs: BlobStore,
  project: Project,
  { path, source, licence }: DatasetDefinition,
  { kind, digest, entries }: Pick<WorkingDataset, 'kind' | 'digest' | 'entries'>,
): Promise<{ examples: DealtExample[]; locked: LockedDataset }> {
  const { data, table, task, backbone, ...definition } = project.definition;
  const isSource = sourcesOf(project).some((one) => one.path === path);
  if (isSource) return { examples: [], locked: describeSource(path, { digest, entries }) };
  const split = path === data.path ? definition.split : withoutHeldBack(definition.split);
  const files = entries();
  const bytes = files.reduce((sum, entry) => sum + entry.bytes, 0);
  if (path === backbone?.path) {
    if (kind === 'images')
      throw new MainstemError('DATA_INVALID', { path, reason: 'it is a folder, not an ONNX file' });
    const facts = { files: files.length, bytes, splits: {}, source, licence };
    const origin = backbone.origin && { origin: structuredClone([...backbone.origin]) };
    return { examples: [], locked: { path, kind: 'backbone', digest, ...facts, ...origin } };
  }
  const examples = await buildExamples(blobs, { path, kind }, files, {
    ...{ split, table, columns: [] },
  });
  const splits = countSplits(examples, task === 'tabular-regression');
  const counted = { files: files.length, bytes, splits };
  return {
    examples,
    locked: { path, kind, digest, ...counted, split: copyOf(split), source, licence },
  };
}

function describeSource(
  path: string,
  { digest, entries }: Pick<WorkingDataset, 'digest' | 'entries'>,
): LockedDataset {
  const files = entries();
  const bytes = files.reduce((sum, entry) => sum + entry.bytes, 0);
  return { path, kind: 'source', digest, files: files.length, bytes, splits: {}, ...unsaid };
}

function copyOf({
  seed,
  fractions,
  group,
  by,
  time,
  equalRows,
  heldBack,
}: SplitDefinition): NonNullable<LockedDataset['split']> {
  const [train, validation, test] = fractions;
  return {
    seed,
    fractions: [train, validation, test],
    ...(group !== undefined && { group }),
    ...(by !== undefined && { by }),
    ...(time !== undefined && { time }),
    ...(equalRows !== undefined && { equalRows }),
    ...(heldBack !== undefined && { heldBack }),
  };
}

/** Examples per split and class. */
export function countSplits(
  examples: readonly DealtExample[],
  regression: boolean,
): LockedDataset['splits'] {
  const bySplit = Map.groupBy(examples, ({ split }) => split);
  const nameOf = ({ label }: DealtExample) => (regression ? 'rows' : label);
  return Object.fromEntries([...bySplit].map(([split, some]) => [split, countBy(some, nameOf)]));
}

/** A group column without effect would silently let views of one object straddle splits. */
function assertGroups(
  examples: readonly DealtExample[],
  { definition: { data, table, split } }: Project,
): void {
  const { group } = split;
  if (group === undefined || examples.some(({ metadata }) => ownValue(metadata, group))) return;
  const isColumn = examples.some(({ metadata }) => Object.hasOwn(metadata, group));
  const file = table ? '' : ` in ${metadataFile}`;
  const reason = isColumn
    ? `no example has a value in the group column "${group}"${file} (split.group)`
    : `there is no column "${group}"${file}, by which examples are grouped (split.group)`;
  throw new MainstemError('DATA_INVALID', { path: data.path, reason });
}

/** What holds nothing back would be noticed when everything else for a promotion is done. */
function assertHeldBack(
  examples: readonly DealtExample[],
  { definition: { name: model, split, task } }: Project,
): void {
  const gaps = findHeldBackGaps(
    countExamples(examples).counts,
    () => toCandidates(examples, split),
    { split, regression: task === 'tabular-regression' },
  );
  if (!gaps?.isEmpty) return;
  throw new MainstemError('HELD_BACK_EMPTY', { model, remedy: describeSufficient(gaps) });
}

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sortKeys(member)]));
}
