import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { listFiles } from '../../../platform/lib/files.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { decodeLines } from '../../../platform/lib/json-lines.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { parseTableFile, readExamples } from '../../../platform/storage/index.ts';
import { hasImageName } from '../../../platform/transforms/index.ts';
import type { ProjectContext } from '../../context.ts';

/** What is compared with the reference data: the data of the context's lock, files, or what people corrected. */
export type DriftSource =
  | { readonly kind: 'locked' }
  /** @param path a folder of photos, or a table */
  | { readonly kind: 'files'; readonly path: string }
  /** @param path the server's feedback folder */
  | { readonly kind: 'feedback'; readonly path: string };

/** One input: a photo that is read when it is measured, or the cells of a row. */
export type Input =
  | { readonly photo: () => Promise<Uint8Array> }
  | { readonly cells: Readonly<Record<string, string>> };

/** Reads what is compared. @throws MainstemError DATA_INVALID, STORE_MISSING, FILE_UNREADABLE, TABLE_TOO_LARGE */
export async function readInputs(context: ProjectContext, source: DriftSource): Promise<Input[]> {
  if (source.kind === 'locked') return lockedInputs(context);
  const { table, name } = context.project.definition;
  if (source.kind === 'feedback') {
    const path = join(source.path, name);
    return table ? correctedRows(path) : photosAt(path);
  }
  const { path } = source;
  const inputs = table ? await rowsAt(path) : await photosAt(path);
  // Most likely another folder was meant; nobody would notice in a job that runs every night.
  if (inputs.length > 0) return inputs;
  throw new MainstemError('DATA_INVALID', {
    path,
    reason: `it holds no ${table ? 'row' : 'photo'}`,
  });
}

/** All splits of the data that the lock names; nothing where it names none. */
async function lockedInputs({ store, lock, project }: ProjectContext): Promise<Input[]> {
  const { data, table, split } = project.definition;
  const dataset = ownValue(lock.datasets, data.name);
  if (!dataset) return [];
  const examples = await readExamples(store, dataset, {
    split: { ...split, ...dataset.split },
    ...(table && { table }),
  });
  return examples.map(({ digest, metadata }) =>
    table ? { cells: metadata } : { photo: () => store.get(digest) },
  );
}

async function photosAt(path: string): Promise<Input[]> {
  // Says that there is nothing in the words of every other command.
  if (!(await stat(path)).isDirectory()) return [{ photo: () => readBytes(path) }];
  const names = (await listFiles(path)).filter(hasImageName);
  return names.map((name) => ({ photo: () => readBytes(join(path, name)) }));
}

async function rowsAt(path: string): Promise<Input[]> {
  const table = await parseTableFile(await readBytes(path), path);
  return Array.from({ length: table.rows }, (_, row) => ({
    cells: Object.fromEntries(
      table.columns.map((name, place) => [name, table.text(row, place)] as const),
    ),
  }));
}

const CorrectedRow = Type.Object({
  digest: Type.String(),
  /** A label for an answer by its id need not hold the row. */
  row: Type.Optional(
    dictionary(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  ),
});

/** Rows that people corrected, each once however often they did. */
async function correctedRows(folder: string): Promise<Input[]> {
  const rows = new Map<string, Input>();
  for (const name of (await listFiles(folder)).filter((one) => one.endsWith('.jsonl'))) {
    const path = join(folder, name);
    for (const line of decodeLines(await readBytes(path))) {
      const read = parseCorrected(line, path);
      if (read?.row) rows.set(read.digest, { cells: cellsOf(read.row) });
    }
  }
  return [...rows.values()];
}

/** Null for a line that a killed server left unfinished. */
function parseCorrected(line: string, path: string) {
  try {
    return parseJson(line, CorrectedRow, path);
  } catch (error) {
    if (isMainstemError(error, 'JSON_INVALID') && !line.endsWith('}')) return null;
    throw error;
  }
}

/** As a table writes them. */
function cellsOf(row: Readonly<Record<string, string | number | boolean | null>>) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}
