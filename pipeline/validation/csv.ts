import { parse } from 'csv-parse/sync';
import { MainstemError } from '../../platform/lib/errors.ts';

/** A CSV file with a header; cells as text. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Parses a CSV file, keeping its header even if no row follows. @throws MainstemError DATA_INVALID with the line */
export function parseCsv(content: Uint8Array, path: string): Csv {
  try {
    const [columns = [], ...records] = parse(Buffer.from(content), {
      bom: true,
      skip_empty_lines: true,
    });
    const rows = records.map((cells) =>
      Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])),
    );
    return { columns, rows };
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new MainstemError('DATA_INVALID', { path, reason }, { cause });
  }
}
