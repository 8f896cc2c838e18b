import type { DuckDBConnection } from '@duckdb/node-api';
import { firstLine } from '../../platform/lib/first-line.ts';

/** Nothing is fetched, times are in UTC, and rows keep their order. */
const settings = {
  threads: '2',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/** A database in memory that answers SQL. */
export interface Database {
  /** Runs a statement. */
  run(sql: string): Promise<void>;
  /** The rows of a query, each cell as text; null where it is missing. */
  rows(sql: string): Promise<(string | null)[][]>;
}

/** Opens a database in memory for some work. @throws whatever the work throws, and DuckDB's own errors */
export async function withDatabase<Result>(
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await work({
      run: async (sql) => {
        await connection.run(sql);
      },
      rows: (sql) => readRows(connection, sql),
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function readRows(connection: DuckDBConnection, sql: string): Promise<(string | null)[][]> {
  const rows = (await connection.runAndReadAll(sql)).getRows();
  return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
}

/** A text as SQL writes it. @example quoteText("it's") // "'it''s'" */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The name of a column as SQL writes it. @example quoteName('a"b') // '"a""b"' */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What an error of DuckDB says, without the full stop that it ends in. */
export function reasonOf(cause: unknown): string {
  return firstLine(cause).replace(/\.$/, '');
}
