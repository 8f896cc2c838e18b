import { parseTable, tableLimits } from '../../lib/parse-table.ts';
import type { Table } from '../../lib/table.ts';
import { isParquet, readParquet } from './read-parquet.ts';

/**
 * Parses the bytes of a table, which are CSV or Parquet.
 *
 * @param path what to call the file in an error. @throws MainstemError DATA_INVALID, TABLE_TOO_LARGE
 */
export async function parseTableFile(
  content: Uint8Array,
  path: string,
  limits = tableLimits,
): Promise<Table> {
  if (!isParquet(content)) return parseTable(content, path, limits);
  return parseTable(await readParquet(content, path, limits), path, limits);
}
