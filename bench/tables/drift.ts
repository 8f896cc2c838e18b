// The drift of a table's second half against its first, column by column, as a report's data review measures it.
//   npx node bench/tables/drift.ts <table.csv>
import { readFileSync } from 'node:fs';
import { columnDrift } from '../../pipeline/column-drift.ts';
import { columnsOfTable } from '../../pipeline/example-columns.ts';
import { parseTable } from '../../platform/lib/parse-table.ts';

const [path = ''] = process.argv.slice(2);
const table = parseTable(readFileSync(path), path);
const rows = Uint32Array.from({ length: table.rows }, (_, row) => row);
const half = Math.floor(rows.length / 2);
const { columns, found } = columnDrift(
  columnsOfTable(table, rows.subarray(0, half)),
  columnsOfTable(table, rows.subarray(half)),
);
console.log(`${columns} columns compared, ${found.length} differ`);
