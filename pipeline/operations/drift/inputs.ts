import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists, listFiles } from '../../../platform/lib/files.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { numberLines } from '../../../platform/lib/json-lines.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { SplitDefinition } from '../../../platform/schemas/define/index.ts';
import type { BlobStore, LockedDataset } from '../../../platform/schemas/index.ts';
import {
  createDealer,
  parseTableFile,
  readExamples,
  readTable,
} from '../../../platform/storage/index.ts';
import { hasImageName } from '../../../platform/transforms/index.ts';
import type { ProjectContext } from '../../context.ts';
import { columnsOfObjects, columnsOfTable, type ExampleColumns } from '../../example-columns.ts';

/** What is compared with the reference data: the data of the context's lock, files, or what people corrected. */
export type DriftSource =
  | { readonly kind: 'locked' }
  /** @param path a folder of photos, or a table */
  | { readonly kind: 'files'; readonly path: string }
  /** @param path the server's feedback folder */
  | { readonly kind: 'feedback'; readonly path: string };

/** A photo that is read when it is measured. */
export type Photo = () => Promise<Uint8Array>;

/** What is compared: photos, or rows. */
export type Inputs =
  | { readonly kind: 'photos'; readonly photos: readonly Photo[] }
  | { readonly kind: 'rows'; readonly rows: ExampleColumns };

/** How many there are. */
export function countInputs(inputs: Inputs): number {
  return inputs.kind === 'photos' ? inputs.photos.length : inputs.rows.count;
}

/** What is compared, and what of it was left out. */
export interface ReadInputs {
  readonly inputs: Inputs;
  /** Lines of a journal of feedback that were never finished, by file and number. */
  readonly unfinished: readonly string[];
}

/**
 * Reads what is compared.
 *
 * @throws MainstemError DATA_INVALID, INPUTS_UNFIT, FEEDBACK_MISSING, JSON_INVALID, STORE_MISSING, FILE_UNREADABLE,
 *   TABLE_TOO_LARGE
 */
export async function readInputs(
  context: ProjectContext,
  source: DriftSource,
): Promise<ReadInputs> {
  const { table, name } = context.project.definition;
  if (source.kind === 'feedback') return feedbackInputs(source.path, name, table !== undefined);
  const inputs =
    source.kind === 'locked'
      ? await lockedInputs(context)
      : await filesAt(source.path, table !== undefined);
  return { inputs, unfinished: [] };
}

async function filesAt(path: string, isTable: boolean): Promise<Inputs> {
  const inputs = isTable ? await rowsAt(path) : await photosAt(path);
  // Most likely another folder was meant; nobody would notice in a job that runs every night.
  if (countInputs(inputs) > 0) return inputs;
  throw new MainstemError('DATA_INVALID', {
    path,
    reason: `it holds no ${isTable ? 'row' : 'photo'}`,
  });
}

function noInputs(isTable: boolean): Inputs {
  if (isTable) return { kind: 'rows', rows: columnsOfObjects([]) };
  return { kind: 'photos', photos: [] };
}

/** A folder without one of this project is that of a server whose answers nobody has corrected yet. */
async function feedbackInputs(
  folder: string,
  project: string,
  isTable: boolean,
): Promise<ReadInputs> {
  if (!(await exists(folder))) throw new MainstemError('FEEDBACK_MISSING', { folder, project });
  if (!(await stat(folder)).isDirectory())
    throw new MainstemError('FILE_UNREADABLE', { path: folder, reason: 'ENOTDIR' });
  const path = join(folder, project);
  if (!(await exists(path))) return { inputs: noInputs(isTable), unfinished: [] };
  return isTable ? correctedRows(path) : { inputs: await photosAt(path), unfinished: [] };
}

/** All splits of the data that the lock names; nothing where it names none. */
async function lockedInputs({ store, lock, project }: ProjectContext): Promise<Inputs> {
  const { data, table, split } = project.definition;
  const dataset = ownValue(lock.datasets, data.name);
  if (!dataset) return noInputs(table !== undefined);
  const dealt = { ...split, ...dataset.split };
  if (table) return { kind: 'rows', rows: await openRows(store, dataset, dealt) };
  const examples = await readExamples(store, dataset, { split: dealt });
  return {
    kind: 'photos',
    photos: examples.map(
      ({ digest }) =>
        () =>
          store.get(digest),
    ),
  };
}

/** The rows of a table without those that are held back. */
async function openRows(
  store: BlobStore,
  dataset: LockedDataset,
  split: SplitDefinition,
): Promise<ExampleColumns> {
  const table = await readTable(store, dataset);
  const deal = createDealer(table, dataset.path, split);
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row);
  if (split.heldBack === undefined) return columnsOfTable(table, rows);
  return columnsOfTable(
    table,
    rows.filter((row) => deal(row).split !== 'heldBack'),
  );
}

async function photosAt(path: string): Promise<Inputs> {
  // Says that there is nothing in the words of every other command.
  if (!(await stat(path)).isDirectory()) {
    if (hasImageName(path)) return { kind: 'photos', photos: [() => readBytes(path)] };
    throw otherKind(path, 'it is neither a photo nor a folder of them, as the project has them');
  }
  const names = (await listFiles(path)).filter(hasImageName);
  return { kind: 'photos', photos: names.map((name) => () => readBytes(join(path, name))) };
}

async function rowsAt(path: string): Promise<Inputs> {
  const isFolder = (await stat(path)).isDirectory();
  if (isFolder) throw otherKind(path, 'it is a folder, and the data of the project is one table');
  if (hasImageName(path))
    throw otherKind(path, 'it is a photo, and the data of the project is one table');
  const table = await parseTableFile(await readBytes(path), path);
  return { kind: 'rows', rows: columnsOfTable(table) };
}

function otherKind(path: string, reason: string): MainstemError {
  return new MainstemError('INPUTS_UNFIT', { path, reason });
}

const CorrectedRow = Type.Object({
  digest: Type.String(),
  /** A label for an answer by its id need not hold the row. */
  row: Type.Optional(
    dictionary(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  ),
});

/** Rows that people corrected, each once however often they did. @throws MainstemError JSON_INVALID naming the line */
async function correctedRows(folder: string): Promise<ReadInputs> {
  const rows = new Map<string, Readonly<Record<string, string>>>();
  const unfinished: string[] = [];
  for (const name of (await listFiles(folder)).filter((one) => one.endsWith('.jsonl'))) {
    const path = join(folder, name);
    for (const { number, line } of numberLines(await readBytes(path))) {
      const place = `${path}, line ${number}`;
      if (isTorn(line)) unfinished.push(place);
      else {
        const { digest, row } = parseJson(line, CorrectedRow, place);
        if (row) rows.set(digest, cellsOf(row));
      }
    }
  }
  return { inputs: { kind: 'rows', rows: columnsOfObjects([...rows.values()]) }, unfinished };
}

/** A killed server or a full disk leaves the beginning of a line, which the next line ends. */
function isTorn(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

/** As a table writes them. */
function cellsOf(row: Readonly<Record<string, string | number | boolean | null>>) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}
