import { join } from 'node:path';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { parseDuration } from '../../../platform/lib/parse-duration.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { DatasetDefinition } from '../../../platform/schemas/define/index.ts';
import { type BlobStore, type DataLock, otherLabel } from '../../../platform/schemas/index.ts';
import {
  isParquet,
  projectsReading,
  readAllExamples,
  readWorkingData,
  withDataTurn,
} from '../../../platform/storage/index.ts';
import type { ProjectContext } from '../../context.ts';
import { readFeedback } from '../read-feedback.ts';
import { type AddedPhoto, type Known, preparePhoto, writePhotos } from './add-photos.ts';
import { type AddedRow, appendRows, featuresKey, prepareRow } from './add-rows.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { describePhotos } from './describe-photos.ts';
import { type Ingested, renderSheet } from './render-sheet.ts';
import { type Labelled, type LeftOut, sortCandidate } from './sort-candidates.ts';

/** Where feedback is, and where the review sheet goes. */
export interface IngestOptions {
  /** The server's feedback folder: `<feedback>/<model>`. */
  readonly feedback: string;
  /** The file of the review sheet. */
  readonly sheet: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What became of feedback. */
export interface IngestReport {
  readonly project: string;
  /** Examples that the lock does not have yet, by label. */
  readonly added: Readonly<Record<string, number>>;
  /** Of these, how many this call wrote; none where it runs for the second time. */
  readonly written: number;
  /** Labels that the locked data has already. */
  readonly known: number;
  /** What is not added, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Lines of feedback that cannot be read. */
  readonly damaged: number;
  /** Where examples were added, and the other projects that have this in their data; null where there are none. */
  readonly shared: { readonly path: string; readonly projects: readonly string[] } | null;
  readonly sheet: string;
}

type Prepared = AddedPhoto | AddedRow | LeftOut | null;

/**
 * Adds what people labelled to a project's data, where it waits to be locked: photos without what they say beside their pixels,
 * rows at the end of the table. Nothing is guessed: what has two labels, or another label in the data, stands in the review
 * sheet only. An example keeps the split that its content gives it, so what is tested or held back is not learnt in another
 * file. The second call changes nothing. Where features are joined to rows, these are what grows.
 *
 * @throws MainstemError DATA_MISSING, DATA_INVALID, STORE_MISSING, FILE_UNREADABLE, FEEDBACK_OF_NUMBERS
 */
export async function ingestFeedback(
  context: ProjectContext,
  options: IngestOptions,
): Promise<IngestReport> {
  const { project } = context;
  const { name, classes } = project.definition;
  if (!classes) throw new MainstemError('FEEDBACK_OF_NUMBERS', { model: name });
  const folder = join(options.feedback, name);
  const { lines, damaged } = await readFeedback(folder);
  const candidates = await findCandidates(folder, lines);
  return withTurns(context, async () => {
    const { prepared, write } = await prepare(context, candidates, options);
    const added = prepared.filter((one) => one !== null && 'key' in one);
    const leftOut = prepared.filter((one) => one !== null && 'reason' in one);
    const limited = limit(added, await countLocked(context), project.definition.retraining.replay);
    const all: Ingested = {
      added: limited.taken,
      leftOut: [...leftOut, ...limited.beyond],
    };
    const written = await write(limited.taken);
    await writeFileAtomic(options.sheet, await renderSheet(project.definition, all));
    return {
      project: name,
      added: countBy(all.added, ({ labelled }) => labelled.label),
      written,
      known: prepared.filter((one) => one === null).length,
      leftOut: countBy(all.leftOut, ({ reason }) => reason),
      shared: limited.taken.length > 0 ? await findShared(context) : null,
      ...{ damaged, sheet: options.sheet },
    };
  });
}

/** Who else learns from what grows. */
async function findShared({ workspace, project }: ProjectContext): Promise<IngestReport['shared']> {
  const { name, data, features, outOfDistribution: other } = project.definition;
  const { path } = features?.rows ?? data;
  const paths = [path, ...(other ? [other.path] : [])];
  const projects = await projectsReading(workspace.root, name, paths);
  return projects.length > 0 ? { path, projects } : null;
}

/** Nobody else locks, collects or checks out what is written here. */
function withTurns<T>({ workspace, project }: ProjectContext, work: () => Promise<T>): Promise<T> {
  const { data, outOfDistribution: other, features } = project.definition;
  const more = [other?.path, features?.rows.path].filter((path) => path !== undefined);
  const inTurns = more.reduce<() => Promise<T>>(
    (inner, path) => () => withDataTurn(workspace, path, inner),
    work,
  );
  return withDataTurn(workspace, data.path, inTurns);
}

interface Preparation {
  readonly prepared: readonly Prepared[];
  /** @returns how many examples were written */
  readonly write: (added: readonly (AddedPhoto | AddedRow)[]) => Promise<number>;
}

async function prepare(
  context: ProjectContext,
  candidates: readonly Candidate[],
  { now }: IngestOptions,
): Promise<Preparation> {
  const { definition } = context.project;
  const since = now - (parseDuration(definition.retraining.window) ?? 0);
  const rules = {
    ...{ classes: definition.classes ?? [], since },
    takesOther: definition.outOfDistribution !== undefined,
  };
  const sorted = candidates.map((candidate) => sortCandidate(candidate, rules));
  const labelled = sorted.filter((one) => 'label' in one);
  const leftOut = sorted.filter((one) => 'reason' in one);
  const { found, write } = definition.table
    ? await prepareRows(context, labelled)
    : await preparePhotos(context, labelled);
  return { prepared: [...leftOut, ...withoutConflicts(found)], write };
}

async function preparePhotos(context: ProjectContext, labelled: readonly Labelled[]) {
  const { workspace, project } = context;
  const { data, outOfDistribution: other } = project.definition;
  const known = await readKnown(context, (_, digest) => digest);
  const folders = { data: data.path, other: other?.path ?? data.path };
  const found: Prepared[] = [];
  const progress = workspace.reporter.progress('Reading feedback', labelled.length, 'photos');
  try {
    for (const [done, one] of labelled.entries()) {
      workspace.signal.throwIfAborted();
      found.push(await preparePhoto(one, known, folders));
      progress.update(done + 1);
    }
  } finally {
    progress.end();
  }
  const write: Preparation['write'] = async (added) => {
    const photos = added.filter((one) => 'path' in one);
    const written = await writePhotos(workspace.root, photos);
    await describePhotos(workspace.root, project.definition, photos);
    return written;
  };
  return { found, write };
}

async function prepareRows(context: ProjectContext, labelled: readonly Labelled[]) {
  const { workspace, project } = context;
  const { definition } = project;
  const { path } = definition.features?.rows ?? definition.data;
  const file = join(workspace.root, path);
  const content = await readBytes(file, path);
  if (isParquet(content)) {
    const reason = 'feedback can only be added to a CSV file';
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  const { columns, rows } = parseCsv(content, path);
  const values = new Map<string, readonly string[]>();
  const valuesOf = (column: string): readonly string[] => {
    const known = values.get(column) ?? [
      ...new Set(rows.map((row) => ownValue(row, column) ?? '')),
    ];
    values.set(column, known);
    return known;
  };
  const keyOf = (cells: Readonly<Record<string, string>>) => featuresKey(definition, cells);
  const inData = await readKnown(context, keyOf);
  // The table does not have rows yet that wait to be joined.
  const known = definition.features
    ? { ...inData, now: labelsIn(rows, definition.table?.label ?? '', keyOf) }
    : inData;
  const found = labelled.map((one) => prepareRow(one, known, { definition, columns, valuesOf }));
  const write: Preparation['write'] = async (added) => {
    const fresh = added.filter((one) => 'cells' in one);
    const before = content.toString();
    const missing = fresh.filter(({ isThere }) => !isThere);
    const text = appendRows(before, columns, missing.map(({ cells }) => cells).toReversed());
    if (text !== before) await writeFileAtomic(file, text);
    return missing.length;
  };
  return { found, write };
}

/** The labels of rows, by what they are. */
function labelsIn(
  rows: Csv['rows'],
  label: string,
  keyOf: (cells: Csv['rows'][number]) => string,
): Known {
  const groups = Map.groupBy(rows, keyOf);
  return new Map([...groups].map(([key, some]) => [key, some.map((row) => row[label] ?? '')]));
}

/** Of things that turn out to be the same, one is added if all have one label, and none otherwise. */
function withoutConflicts(found: readonly Prepared[]): Prepared[] {
  const groups = Map.groupBy(found, (one) => (one && 'key' in one ? one.key : one));
  return [...groups.values()].flatMap((same): Prepared[] => {
    const added = same.filter((one) => one !== null && 'key' in one);
    const labels = new Set(added.map(({ labelled }) => labelled.label));
    if (labels.size <= 1) return added.length > 0 ? added.slice(0, 1) : same;
    return added.map(({ labelled }) => ({
      candidate: { ...labelled.candidate, labels: [...labels] },
      reason: 'contradicted',
    }));
  });
}

/** The newest, so many that the examples that were there keep their share. */
function limit(added: readonly (AddedPhoto | AddedRow)[], locked: number, replay: number) {
  // Binary fractions: 60 of 90 are two thirds.
  const most = Math.floor((locked * (1 - replay)) / replay + 1e-9);
  const beyond = added.slice(most).map(({ labelled }): LeftOut => {
    return { candidate: labelled.candidate, reason: 'beyond' };
  });
  return { taken: added.slice(0, most), beyond };
}

type KeyOf = (cells: Readonly<Record<string, string>>, digest: string) => string;

/** The labels that the data has now and in the lock, held-back examples among them: what is there is never added again. */
async function readKnown(context: ProjectContext, keyOf: KeyOf) {
  const { workspace, project, store, lock } = context;
  const { data, outOfDistribution } = project.definition;
  const working = await readWorkingData(workspace, store, [project]);
  if (working.absent.includes(data.name)) {
    throw new MainstemError('DATA_MISSING', {
      ...{ dataset: data.name, path: data.path, project: project.definition.name },
    });
  }
  const datasets = [data, ...(outOfDistribution ? [outOfDistribution] : [])];
  const read = (from: BlobStore, of: DataLock) => knownIn(context, { from, of, datasets, keyOf });
  return { now: await read(working.blobs, working.lock), locked: await read(store, lock) };
}

async function knownIn(
  { project }: ProjectContext,
  asked: {
    readonly from: BlobStore;
    readonly of: DataLock;
    readonly datasets: readonly DatasetDefinition[];
    readonly keyOf: KeyOf;
  },
): Promise<Known> {
  const { data, split, table } = project.definition;
  const known = new Map<string, string[]>();
  for (const { name } of asked.datasets) {
    const locked = ownValue(asked.of.datasets, name);
    if (!locked) continue;
    const examples = await readAllExamples(asked.from, locked, {
      split: { ...split, ...locked.split },
      ...(table && { table }),
    });
    for (const { digest, label, metadata } of examples) {
      const key = asked.keyOf(metadata, digest);
      const labels = known.get(key) ?? [];
      labels.push(name === data.name ? label : otherLabel);
      known.set(key, labels);
    }
  }
  return known;
}

async function countLocked({ store, lock, project }: ProjectContext): Promise<number> {
  const { data, split, table } = project.definition;
  const locked = ownValue(lock.datasets, data.name);
  if (!locked) return Number.POSITIVE_INFINITY;
  const options = { split: { ...split, ...locked.split }, ...(table && { table }) };
  return (await readAllExamples(store, locked, options)).length;
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(all, keyOf)].map(([key, some]) => [key, some.length] as const),
  );
}
