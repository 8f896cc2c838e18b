import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { parseTable, tableLimits } from '../../platform/lib/parse-table.ts';
import { openRegular, readBytes } from '../../platform/lib/read-text.ts';
import { findRenamed, isParquet, selectParquetNames } from '../../platform/storage/index.ts';
import { type Database, quoteName, quoteText, reasonOf } from './duckdb.ts';

/** A file of a definition, opened. */
export interface Source {
  /** As the definition writes it, for errors. */
  readonly path: string;
  /** SQL that gives its rows. */
  readonly from: string;
  /** Column → its type in DuckDB, in the order of the file. */
  readonly columns: ReadonlyMap<string, string>;
}

/**
 * Opens a CSV or Parquet file: what it is its first letters say, as for every table.
 *
 * @throws MainstemError DATA_INVALID, TABLE_TOO_LARGE, FILE_UNREADABLE
 */
export async function openSource(database: Database, root: string, path: string): Promise<Source> {
  const file = join(root, path);
  const isParquetFile = await beginsAsParquet(file, path);
  const from = isParquetFile ? readsParquet(file) : readsCsv(file, await columnsOf(file, path));
  try {
    const described = await database.rows(`DESCRIBE SELECT * FROM ${from}`);
    const columns = described.map(([name, type]) => [name ?? '', type ?? ''] as const);
    if (isParquetFile) await assertOwnNames(database, { file, path, columns });
    return { path, from, columns: new Map(columns) };
  } catch (cause) {
    if (cause instanceof MainstemError) throw cause;
    throw invalid(path, `DuckDB cannot read it: ${reasonOf(cause).replaceAll(file, path)}`, cause);
  }
}

async function beginsAsParquet(file: string, path: string): Promise<boolean> {
  const handle = await openRegular(file, path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return isParquet(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** Columns of single values have the names that the file gives them; nested ones, which nobody can ask for, have more below. */
async function assertOwnNames(
  database: Database,
  { file, path, columns }: Readonly<Record<'file' | 'path', string>> & { columns: Columns },
): Promise<void> {
  if (columns.some(([, type]) => nested.test(type))) return;
  const own = (await database.rows(selectParquetNames(quoteText(file)))).map(
    ([name]) => name ?? '',
  );
  const names = columns.map(([name]) => name);
  const renamed = findRenamed(own, names);
  if (renamed) throw invalid(path, `it ${renamed}`);
}

type Columns = readonly (readonly [name: string, type: string])[];

function readsParquet(file: string): string {
  return `read_parquet(${quoteText(file)})`;
}

/** The columns of a CSV file that is what every table must be: DuckDB would give a second column of one name another. */
async function columnsOf(file: string, path: string): Promise<readonly string[]> {
  const limits = { ...tableLimits, rows: Number.POSITIVE_INFINITY };
  return parseTable(await readBytes(file, path), path, limits).columns;
}

/** Every cell is text, as in every table: DuckDB would take 007 for a number. */
function readsCsv(file: string, columns: readonly string[]): string {
  const names = `names = [${columns.map(quoteText).join(', ')}]`;
  const dialect = `header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'`;
  return `read_csv(${quoteText(file)}, ${names}, ${dialect}, comment = '', skip = 0, nullstr = '')`;
}

const nested = /\[|^(STRUCT|MAP|UNION|BLOB|LIST|ARRAY)/;

/** The type of a column. @throws MainstemError DATA_INVALID for one that is missing or whose cells are not single values */
export function typeOf({ path, columns }: Source, name: string): string {
  const type = columns.get(name);
  if (type === undefined) {
    throw invalid(
      path,
      `it has no column "${name}"; its columns: ${[...columns.keys()].join(', ')}`,
    );
  }
  if (!nested.test(type)) return type;
  throw invalid(path, `column ${name} is of type ${type}; a cell must be one value`);
}

/** What stands around a cell of a CSV file and is not part of it. */
const blanks = `' ' || chr(9) || chr(11) || chr(12)`;

/** SQL for a cell in its own type; of text without the blanks around it, and missing where nothing is left. */
export function cellOf(source: Source, name: string): string {
  const column = quoteName(name);
  if (typeOf(source, name) !== 'VARCHAR') return column;
  return `nullif(trim(${column}, ${blanks}), '')`;
}

/**
 * SQL for the text of a cell, the same that the reader of tables makes of a Parquet file: what training learns from a
 * column and what the server is given are the same letters.
 *
 * @param cell SQL of the cell @param type of the column
 */
export function textOf(cell: string, type: string): string {
  if (type === 'VARCHAR') return cell;
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `CAST(make_timestamp(epoch_us(${cell})) AS VARCHAR)`;
  }
  const text = `CAST(${cell} AS VARCHAR)`;
  return /^(DOUBLE|FLOAT|REAL)$/.test(type) ? `replace(${text}, 'inf', 'Infinity')` : text;
}

/** SQL for the text of a column. */
export function textOfColumn(source: Source, name: string): string {
  return textOf(cellOf(source, name), typeOf(source, name));
}

const written =
  '\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)?)?';

/**
 * SQL for a column of times as microseconds since 1970, which is how DuckDB holds them; missing where it cannot be read.
 * Text is a day, or a day with a time, with an offset or in UTC.
 *
 * @throws MainstemError DATA_INVALID for a column that holds no times
 */
export function microsOf(source: Source, name: string): string {
  const type = typeOf(source, name);
  const cell = cellOf(source, name);
  if (type === 'TIMESTAMP WITH TIME ZONE') return `epoch_us(${cell})`;
  // Without a zone it is in UTC, and asking which offset that has would take longer than reading.
  if (/^(TIMESTAMP|DATE)/.test(type)) return `epoch_us(CAST(${cell} AS TIMESTAMP))`;
  if (type !== 'VARCHAR') {
    const reason = `column ${name} is of type ${type}, which is not a time`;
    throw invalid(source.path, reason);
  }
  // DuckDB reads an offset only behind seconds.
  const whole = `regexp_replace(${cell}, '^(.{16})(Z|[+-]\\d\\d:\\d\\d)$', '\\1:00\\2')`;
  const time = `epoch_us(TRY_CAST(${whole} AS TIMESTAMP WITH TIME ZONE))`;
  return `CASE WHEN regexp_full_match(${cell}, '${written}') THEN ${time} END`;
}

/**
 * Checks that every time of a column was read.
 *
 * @param table holds the source's rows in their order @param read its column of what was read
 * @throws MainstemError DATA_INVALID naming the first row without a time
 */
export async function assertTimes(
  database: Database,
  source: Source,
  { table, read, column }: Readonly<Record<'table' | 'read' | 'column', string>>,
): Promise<void> {
  const first = `SELECT min(rowid) FROM ${table} WHERE ${read} IS NULL`;
  const [[row = null] = []] = await database.rows(first);
  if (row === null) return;
  const text = textOfColumn(source, column);
  const [[cell = null] = []] = await database.rows(
    `SELECT ${text} FROM ${source.from} LIMIT 1 OFFSET ${row}`,
  );
  const what = cell === null ? 'is empty' : `is ${JSON.stringify(cell)}, which is not a time`;
  const reason = `row ${Number(row) + 1}: ${column} ${what}; write 2026-01-31 or 2026-01-31T12:00:00Z`;
  throw invalid(source.path, reason);
}

function invalid(path: string, reason: string, cause?: unknown): MainstemError {
  return new MainstemError('DATA_INVALID', { path, reason }, { cause });
}
