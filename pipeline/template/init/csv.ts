import { parse } from 'csv-parse/sync';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** A CSV file with a header; cells as text. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Parses a CSV file. @throws MainstemError DATA_INVALID with the line */
export function parseCsv(content: Uint8Array, path: string): Csv {
  try {
    const [columns = [], ...rows] = parse(Buffer.from(content), {
      bom: true,
      skip_empty_lines: true,
    });
    return { columns, rows };
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new MainstemError('DATA_INVALID', { path, reason }, { cause });
  }
}
