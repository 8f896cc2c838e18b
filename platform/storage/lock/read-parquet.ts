import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MainstemError } from '../../lib/errors.ts';
import { type TableLimits, tooLarge } from '../../lib/parse-table.ts';
import { readFile } from '../../lib/read-text.ts';
import { renderBytes } from '../../lib/text.ts';
import { findRenamed, selectParquetNames } from './parquet-names.ts';

/** Whether bytes are a Parquet file, by its first letters. */
export function isParquet(content: Uint8Array): boolean {
  return Buffer.from(content.subarray(0, magic.length)).toString('latin1') === magic;
}

const magic = 'PAR1';

/** A Parquet file ends with the same letters. */
function isWhole(content: Uint8Array): boolean {
  const end = Buffer.from(content.subarray(-magic.length)).toString('latin1');
  return content.length > 2 * magic.length && end === magic;
}

/**
 * Reads a Parquet file as CSV, so that from there on a table is a table. DuckDB writes each value as text, the same way
 * on every machine: dates as 2020-01-31, times in UTC, numbers with as many digits as they need, true and false.
 *
 * @param path what to call the file in an error. @throws MainstemError DATA_INVALID, TABLE_TOO_LARGE
 */
export async function readParquet(
  content: Uint8Array,
  path: string,
  limits: TableLimits,
): Promise<Uint8Array> {
  if (!isWhole(content))
    throw invalid(path, `it is cut off, since its end lacks ${magic}: copy it again`);
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-parquet-'));
  const [from, to] = [join(folder, 'table.parquet'), join(folder, 'table.csv')];
  try {
    await writeFile(from, content);
    await withDuckDb(async (connection) => {
      await assertRows(connection, { from, path, limits });
      const columns = await listColumns(connection, { from, path });
      const source = `SELECT ${columns.join(', ')} FROM read_parquet(${quote(from)})`;
      await connection.run(`COPY (${source}) TO ${quote(to)} (FORMAT csv, HEADER)`);
    }).catch((cause: unknown) => {
      if (cause instanceof MainstemError) throw cause;
      const reason = firstLine(cause).replaceAll(from, path);
      throw invalid(path, `DuckDB cannot read it as Parquet: ${reason}`, cause);
    });
    const { size } = await stat(to);
    if (size > limits.bytes) {
      throw tooLarge(path, `${renderBytes(size)} as text`, renderBytes(limits.bytes));
    }
    return await readFile(to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing is fetched: Parquet is built in. Rows keep their order. */
const settings = {
  threads: '2',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

async function withDuckDb<Result>(
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  // Tables that are CSV, which most are, need no database.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

interface Source {
  readonly from: string;
  readonly path: string;
}

/** The file says how many rows it has, before any of them is read. */
async function assertRows(
  connection: DuckDBConnection,
  { from, path, limits }: Source & { readonly limits: TableLimits },
): Promise<void> {
  const metadata = `SELECT num_rows FROM parquet_file_metadata(${quote(from)})`;
  const [[found] = []] = (await connection.runAndReadAll(metadata)).getRows();
  const rows = Number(found);
  if (rows <= limits.rows) return;
  const count = (some: number) => `${some.toLocaleString('en')} rows`;
  throw tooLarge(path, count(rows), count(limits.rows));
}

const nested = /\[|^(STRUCT|MAP|UNION|BLOB|LIST|ARRAY)/;
const floating = /^(DOUBLE|FLOAT|REAL)$/;

/**
 * Each column as SQL that gives its text.
 *
 * @throws MainstemError DATA_INVALID for cells that are no single values, and two columns of one name
 */
async function listColumns(
  connection: DuckDBConnection,
  { from, path }: Source,
): Promise<string[]> {
  const described = await connection.runAndReadAll(
    `DESCRIBE SELECT * FROM read_parquet(${quote(from)})`,
  );
  const columns = described.getRows();
  const sql = columns.map(([name, type]) => {
    const kind = String(type);
    if (nested.test(kind)) {
      throw invalid(path, `column ${String(name)} is of type ${kind}; a cell must be one value`);
    }
    const column = `"${String(name).replaceAll('"', '""')}"`;
    return `${asText(column, kind)} AS ${column}`;
  });
  // Nested columns have names below theirs, and are refused by now.
  const own = (await connection.runAndReadAll(selectParquetNames(quote(from)))).getRows();
  const renamed = findRenamed(own.map(textOf), columns.map(textOf));
  if (renamed) throw invalid(path, `it ${renamed}`);
  return sql;
}

function textOf([cell]: readonly unknown[]): string {
  return String(cell);
}

function asText(column: string, kind: string): string {
  if (kind === 'TIMESTAMP WITH TIME ZONE') return `make_timestamp(epoch_us(${column}))`;
  const text = `CAST(${column} AS VARCHAR)`;
  // As JavaScript writes it.
  return floating.test(kind) ? `replace(${text}, 'inf', 'Infinity')` : text;
}

function invalid(path: string, reason: string, cause?: unknown): MainstemError {
  return new MainstemError('DATA_INVALID', { path, reason }, { cause });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split('\n', 1)[0] ?? '').replace(/\.$/, '');
}
