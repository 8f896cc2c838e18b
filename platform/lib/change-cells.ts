import { parse } from 'csv-parse/sync';
import { renderCsvLine } from './render-csv-line.ts';

/** A cell to be written. */
export interface CellChange {
  /** Position among the rows below the header. */
  readonly row: number;
  readonly column: string;
  readonly cell: string;
}

/**
 * Changes cells of a valid CSV file; lines without a change stay as they are, byte by byte.
 *
 * @param content what `parseCsv` has accepted
 * @example changeCells('a,b\n1, 2\n3, 4\n', [{ row: 1, column: 'b', cell: 'x' }]) // 'a,b\n1, 2\n3,x\n'
 */
export function changeCells(content: string, changes: readonly CellChange[]): string {
  const bytes = Buffer.from(content);
  const ends: number[] = [];
  const on_record = (record: string[], { bytes: end }: { bytes: number }) => {
    ends.push(end);
    return record;
  };
  const records: string[][] = parse(bytes, {
    ...{ bom: true, skip_empty_lines: true, trim: true, on_record },
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const [head] = records;
  const byRow = Map.groupBy(changes, ({ row }) => row + 1);
  const lines = records.map((record, place) => {
    const raw = bytes.subarray(ends[place - 1] ?? 0, ends[place]).toString();
    const found = byRow.get(place) ?? [];
    if (found.length === 0) return raw;
    const cells = record.map(
      (cell, at) => found.find(({ column }) => column === head?.[at])?.cell ?? cell,
    );
    // Line ends, with the empty lines that were skipped.
    const [, before = '', after = ''] = /^([\r\n]*).*?([\r\n]*)$/s.exec(raw) ?? [];
    return before + renderCsvLine(cells) + after;
  });
  return lines.join('') + bytes.subarray(ends.at(-1) ?? 0).toString();
}
