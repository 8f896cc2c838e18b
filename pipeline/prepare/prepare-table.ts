import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Table } from '../../platform/lib/table.ts';
import type { SplitDefinition, TableDefinition } from '../../platform/schemas/define/index.ts';
import type {
  Example,
  LockedDataset,
  PreparedIndex,
  PrepareOutput,
  TablePreprocessing,
} from '../../platform/schemas/index.ts';
import { examplesOfTable, type Part, pickPart, readTable } from '../../platform/storage/index.ts';
import {
  encodedLength,
  encodeRow,
  openColumns,
  type TableColumns,
  type TrainingTargets,
} from '../../platform/transforms/index.ts';
// Types only: this folder is loaded by the server, which has no stage engine.
import type { StageContext } from '../engine/index.ts';
import { contentOf } from './content-of.ts';
import { keepCells } from './keep-cells.ts';
import { packShards } from './pack-rows.ts';
import { readIndex } from './read-index.ts';
import { type LabelMeaning, trainingTargets } from './training-targets.ts';

/** A locked table with how it becomes examples. */
export interface TableSource {
  readonly dataset: LockedDataset;
  readonly split: SplitDefinition;
  readonly table: TableDefinition;
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly encoding?: TablePreprocessing['encoding'];
  /** What an earlier model was fitted to; left out, the training rows decide. */
  readonly fitted?: PrepareOutput;
  /** What is held back, as a test split, instead of everything else. */
  readonly part?: Part;
}

/** What is prepared of a table. */
export interface PreparedTable
  extends Pick<PreparedIndex, 'dtype' | 'shape' | 'preprocessing' | 'shards'> {
  readonly examples: readonly Example[];
  /** What the model takes of each example, as serving encodes it. */
  readonly contents: readonly string[];
}

/**
 * Encodes a table column by column into shards.
 *
 * @param check refuses examples that cannot be learnt from
 * @throws MainstemError PREPARE_UNREADABLE naming the row, DATA_INVALID, and what `check` throws
 */
export async function prepareTable(
  context: StageContext,
  { dataset, split, table: definition, classes, encoding, fitted, part }: TableSource,
  check: (examples: readonly Example[]) => void,
): Promise<PreparedTable> {
  const { path } = dataset;
  const table = await readTable(context.store, dataset);
  const dealt = examplesOfTable(table, path, { split, label: definition.label, columns: [] });
  const examples = pickPart(dealt, part);
  check(examples);
  const earlier = fitted ? await readFitted(context, fitted) : null;
  const columns = openColumns(
    table,
    earlier ? featuresOf(earlier) : Object.entries(definition.features),
  );
  const unreadable = columns.findUnreadable(examples.map(positionOf));
  const encoder = { table, path };
  if (unreadable !== undefined) throw unreadableRow(encoder, unreadable, columns.fit([], encoding));
  const training = examples.filter((example) => example.split === 'train');
  const { labelScale } = definition;
  const learning = {
    rows: training.map(positionOf),
    ...createTargets(definition, training, { classes, labelScale }),
  };
  const preprocessing = earlier ?? columns.fit(learning.rows, encoding, learning.targets);
  const overwrite = earlier ? null : createOverwrite(columns, preprocessing, learning);
  const width = encodedLength(preprocessing);
  const contents: string[] = [];
  const shards = await packShards(context, examples, 4 * width, (some) => {
    const rows = some.map(positionOf);
    const encoded = columns.encode(rows, preprocessing);
    for (let at = 0; at < rows.length; at++) {
      contents.push(contentOf(new Uint8Array(encoded.buffer, 4 * width * at, 4 * width)));
    }
    overwrite?.(encoded, rows);
    const extreme = findExtreme(encoded, preprocessing);
    if (extreme < 0) return new Uint8Array(encoded.buffer);
    throw extremeRow(path, rows[Math.floor(extreme / width)] ?? 0, encoded[extreme] ?? 0);
  });
  const kept = keepCells(table, examples, split.group);
  return { dtype: 'float32', shape: [width], preprocessing, shards, examples: kept, contents };
}

interface Learning {
  readonly rows: readonly number[];
  readonly targets?: TrainingTargets;
}

/** The labels, where a category is encoded by them. */
function createTargets(
  { features }: TableDefinition,
  training: readonly Example[],
  meaning: LabelMeaning,
): Pick<Learning, 'targets'> {
  const isNeeded = Object.values(features).some(({ encoding }) => encoding === 'target');
  return isNeeded ? { targets: trainingTargets(training, meaning) } : {};
}

/** Puts what training rows are without their own labels over what serving would make of them. */
function createOverwrite(
  columns: TableColumns,
  preprocessing: TablePreprocessing,
  { rows: training, targets }: Learning,
): ((encoded: Float32Array, rows: readonly number[]) => void) | null {
  if (!targets) return null;
  const width = encodedLength(preprocessing);
  const own = columns.encodeTraining(training, preprocessing, targets);
  const places = new Map(training.map((row, place) => [row, place]));
  return (encoded, rows) => {
    for (const [at, row] of rows.entries()) {
      const place = places.get(row);
      if (place === undefined) continue;
      encoded.set(own.subarray(place * width, (place + 1) * width), at * width);
    }
  };
}

async function readFitted(
  { store }: StageContext,
  fitted: PrepareOutput,
): Promise<TablePreprocessing> {
  const { preprocessing } = await readIndex(store, fitted);
  if (preprocessing.kind === 'table') return preprocessing;
  throw new Error('a table is prepared for a network of photos');
}

/** The features that a model was fitted to, whatever the project says now. */
function featuresOf({ columns }: TablePreprocessing) {
  return columns.map(({ name, kind }) => [name, { kind }] as const);
}

/** Where an example stands in its table, from 0. */
function positionOf({ row = 1 }: Example): number {
  return row - 1;
}

/** The error of serving such a row, which says what is wrong with it. */
function unreadableRow(
  { table, path }: { table: Table; path: string },
  row: number,
  preprocessing: TablePreprocessing,
): MainstemError {
  const cells = table.columns.map((name, place) => [name, table.text(row, place)]);
  try {
    encodeRow(preprocessing, Object.fromEntries(cells));
  } catch (cause) {
    if (!isMainstemError(cause)) throw cause;
    const reason = String(cause.details.reason ?? cause.message.replace(/\.$/, ''));
    return new MainstemError('PREPARE_UNREADABLE', { path: placeOf(path, row), reason }, { cause });
  }
  throw new Error(`${placeOf(path, row)} can be read`);
}

/** Beyond this many deviations from the training rows a network computes infinities. */
const mostDeviations = 1e30;

/** Where a number cannot be computed with, −1 if all can. */
function findExtreme(encoded: Float32Array, { encoding }: TablePreprocessing): number {
  const isMissing = (value: number) => encoding === 'codes' && Number.isNaN(value);
  return encoded.findIndex((value) => !(Math.abs(value) <= mostDeviations) && !isMissing(value));
}

/** A row that is cut down to size would be another row. */
function extremeRow(path: string, row: number, value: number): MainstemError {
  const reason = `a number lies ${value.toExponential(0)} standard deviations from the training rows`;
  const cause = new MainstemError('TABLE_VALUE_EXTREME', { reason });
  return new MainstemError('PREPARE_UNREADABLE', { path: placeOf(path, row), reason }, { cause });
}

function placeOf(path: string, row: number): string {
  return `${path}, row ${row + 1}`;
}
