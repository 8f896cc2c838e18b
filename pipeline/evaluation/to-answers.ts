import type { PreparedRow } from '../../platform/schemas/index.ts';
import type { Answer } from './answer.ts';

/** What a network says of some rows, row after row. */
export interface NetworkValues {
  readonly output: Float32Array;
  readonly embedding: Float32Array;
}

/** The answer to each row: its part of the values. */
export function toAnswers(
  rows: readonly PreparedRow[],
  { output, embedding }: NetworkValues,
): Answer[] {
  return rows.map((row, position) => ({
    row,
    output: partOf(output, position, rows.length),
    embedding: partOf(embedding, position, rows.length),
  }));
}

function partOf(values: Float32Array, position: number, parts: number): Float32Array {
  const size = values.length / parts;
  return values.subarray(position * size, (position + 1) * size);
}
