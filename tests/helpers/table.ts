import { parseTable } from '../../platform/lib/parse-table.ts';
import type { Table } from '../../platform/lib/table.ts';

/** A table of rows that all have the columns of the first one. */
export function tableOf(rows: readonly Readonly<Record<string, string>>[]): Table {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))].map(
    (cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
  );
  return parseTable(Buffer.from(lines.join('\n')), 'table.csv');
}
