import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, onTestFinished } from 'vitest';
import { initProject } from '../../../../../pipeline/template/init/index.ts';
import { parseTable } from '../../../../../platform/lib/parse-table.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';
import type { Table } from '../../../../../platform/lib/table.ts';
import { parseTableFile } from '../../../../../platform/storage/index.ts';
import { test } from '../../../../helpers/folder.ts';

/** Writes what a query gives as a Parquet file. @returns its bytes */
async function write(folder: string, query: string): Promise<Buffer> {
  const path = join(folder, 'table.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return readFile(path);
}

function cellsOf({ columns, rows, text }: Table): string[][] {
  const all = Array.from({ length: rows }, (_, row) => columns.map((_, place) => text(row, place)));
  return [[...columns], ...all];
}

describe('a Parquet file is a table', () => {
  test('whose typed values become the same text everywhere', async ({ folder }) => {
    const bytes = await write(
      folder,
      `SELECT 1.5::DOUBLE a, 0.1::FLOAT b, true c, DATE '2020-01-02' d, 12.50::DECIMAL(10,2) e,
        TIMESTAMPTZ '2020-01-02 03:04:05+02' f, NULL::INTEGER g, '-inf'::DOUBLE h, '00012' i, 'x "q", y' j`,
    );
    expect(cellsOf(await parseTableFile(bytes, 'table.parquet'))[1]).toEqual([
      ...['1.5', '0.1', 'true', '2020-01-02', '12.50'],
      ...['2020-01-02 01:04:05', '', '-Infinity', '00012', 'x "q", y'],
    ]);
  });

  test('with the rows of the CSV file that it was made from, in their order', async ({
    folder,
  }) => {
    const csv = join(import.meta.dirname, '../../../../../pipeline/projects/penguins/penguins.csv');
    const bytes = await write(folder, `SELECT * FROM read_csv('${csv}', all_varchar = true)`);
    const expected = cellsOf(parseTable(await readFile(csv), 'penguins.csv'));
    expect(cellsOf(await parseTableFile(bytes, 'penguins.parquet'))).toEqual(expected);
  });

  test.each([
    ['twin_1', 'it has two columns of the name "twin_1"'],
    ['TWIN_1', 'it has columns "twin_1" and "TWIN_1", which differ in case alone'],
  ])('whose columns have names of their own: twin_1 and %s are refused', async (name, words) => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-twins-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const bytes = await write(folder, 'SELECT 1 AS twin_1, 2 AS twin_2, 3 AS label');
    const twins = Buffer.from(bytes.toString('latin1').replaceAll('twin_2', name), 'latin1');
    await expect(parseTableFile(twins, 'table.parquet')).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test('from which init makes a project', async ({ folder }) => {
    const row = `SELECT range AS x, range % 7 / 2 AS y, CASE WHEN random() < 0.5 THEN 'a' ELSE 'b' END AS kind`;
    await write(folder, `${row} FROM range(200)`);
    const { makeFolder } = await import('../../../../../platform/lib/make-folder.ts');
    const root = join(folder, 'repository');
    await makeFolder(join(root, 'pipeline/projects'));
    const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
    const from = join(folder, 'table.parquet');
    const result = await initProject(workspace, { name: 'things', from, label: 'kind' });
    expect(result).toMatchObject({ data: 'data/things.parquet', examples: 200 });
  });
});

test.for([
  [
    'lists',
    'SELECT [1, 2] AS a, 1 AS b',
    'column a is of type INTEGER[]; a cell must be one value',
  ],
  ['more rows than are read', 'SELECT range AS a, 1 AS b FROM range(11)', 'has 11 rows'],
] as const)('%s are refused by name', async ([, query, message], { folder }) => {
  const bytes = await write(folder, query);
  const limits = { bytes: 1000, rows: 10 };
  await expect(parseTableFile(bytes, 'table.parquet', limits)).rejects.toThrow(message);
});

test('a file that ends too early is invalid data', async ({ folder }) => {
  const bytes = await write(folder, 'SELECT 1 AS a, 2 AS b');
  for (const end of [4, 40, bytes.length - 1]) {
    await expect(parseTableFile(bytes.subarray(0, end), 'table.parquet')).rejects.toMatchObject({
      ...{ code: 'DATA_INVALID', message: expect.stringMatching(/table\.parquet: it is cut off/) },
    });
  }
  const hollow = Buffer.from(bytes).fill(0, 8, bytes.length - 8);
  const error = await parseTableFile(hollow, 'table.parquet').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'DATA_INVALID' });
  expect(String(error)).not.toContain('mainstem-parquet-');
});
