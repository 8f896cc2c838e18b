/** SQL for the names that a Parquet file gives its columns, below one row for the table itself. @param file quoted */
export function selectParquetNames(file: string): string {
  return `SELECT name FROM parquet_schema(${file}) OFFSET 1`;
}

/**
 * What keeps the columns of a Parquet file from being told apart: DuckDB gives the second of one name another, in no file.
 *
 * @param own names in the file @param given what DuckDB calls them
 * @returns words that follow "it"; null where each column has its own name
 */
export function findRenamed(own: readonly string[], given: readonly string[]): string | null {
  const at = own.findIndex((name, place) => name !== given[place]);
  const name = own[at];
  if (name === undefined) return null;
  const first = own.find((other) => other.toLowerCase() === name.toLowerCase()) ?? name;
  return first === name
    ? `has two columns of the name ${JSON.stringify(name)}; rename one`
    : `has columns ${JSON.stringify(first)} and ${JSON.stringify(name)}, which differ in case alone; rename one`;
}
