import type { Csv } from '../../../platform/lib/csv.ts';
import { renderCsvLine } from '../../../platform/lib/render-csv-line.ts';

/** The text of a CSV file with a header. */
export function renderCsv({ columns, rows }: Csv): string {
  const cells = rows.map((row) => columns.map((name) => row[name] ?? ''));
  return [columns, ...cells].map((line) => `${renderCsvLine(line)}\n`).join('');
}
