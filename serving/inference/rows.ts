import { MainstemError } from '../../platform/lib/errors.ts';
import type { TablePreprocessing } from '../../platform/schemas/index.ts';
import { encodeRow, isMissing, isTooLarge, parseNumber } from '../../platform/transforms/index.ts';
import type { Row } from '../schemas.ts';

/** Encodes rows as the network's input. @returns [rows, width], row-major. */
export function encodeRows(
  rows: readonly Row[],
  preprocessing: TablePreprocessing,
): Float32Array<ArrayBuffer> {
  const encoded = rows.map((row) => encodeRow(preprocessing, row));
  const width = encoded[0]?.length ?? 0;
  const input = new Float32Array(rows.length * width);
  encoded.forEach((values, index) => {
    input.set(values, index * width);
  });
  return input;
}

/**
 * Rejects rows that would only be answered by accident: with an unknown column (a typo would count as missing), text
 * instead of a number, a number beyond 32-bit floats, or no value at all.
 *
 * @param index of the row, from 0.
 * @throws MainstemError ROW_INVALID
 */
export function assertRow({ columns }: TablePreprocessing, row: Row, index: number): void {
  const known = columns.map(({ name }) => name).join(', ');
  const invalid = (column: string, reason: string) =>
    new MainstemError('ROW_INVALID', { row: index + 1, column, reason, known });
  let given = 0;
  for (const [name, value] of Object.entries(row)) {
    const column = columns.find((candidate) => candidate.name === name);
    if (!column) throw invalid(name, 'is unknown');
    if (isMissing(value, column.kind)) continue;
    given += 1;
    if (column.kind !== 'number') continue;
    if (isTooLarge(value)) throw invalid(name, 'is too large a number');
    if (parseNumber(value) === null) throw invalid(name, 'must be a number');
  }
  if (given === 0) throw invalid(columns[0]?.name ?? '', 'and all others are missing');
}
