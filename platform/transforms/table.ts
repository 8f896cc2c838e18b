import { MainstemError } from '../lib/errors.ts';
import { ownValue } from '../lib/own-value.ts';
import type { TableDefinition } from '../schemas/define/index.ts';
import type { TableColumn, TablePreprocessing } from '../schemas/index.ts';
import { type Cell, categoryOf, isMissing, parseNumber } from './cell.ts';

/** A row of a table: column → cell. */
export type TableRow = Readonly<Record<string, Cell>>;

/**
 * Learns from training rows how a table is encoded: mean and deviation of numbers, the sorted categories.
 *
 * @throws MainstemError TABLE_VALUE_INVALID where a number column holds something else
 */
export function fitTable(rows: readonly TableRow[], table: TableDefinition): TablePreprocessing {
  const columns = Object.entries(table.features).map(([name, { kind }]) =>
    kind === 'number' ? fitNumber(name, rows) : fitCategory(name, rows),
  );
  return { kind: 'table', columns };
}

/** How many numbers an encoded row has: one per number column, one per value of a category. */
export function encodedLength(preprocessing: TablePreprocessing): number {
  return preprocessing.columns.reduce((sum, column) => sum + widthOf(column), 0);
}

/**
 * Encodes a row as the network sees it: numbers as (value − mean) / deviation, categories one-hot, in the
 * order of the columns. Missing is 0; a category never seen in training is all zeros.
 *
 * @throws MainstemError TABLE_VALUE_INVALID where a number column holds something else
 * @example
 * const fitted = fitTable([{ mass: '1', sex: 'female' }, { mass: '3', sex: 'male' }], table);
 * encodeRow(fitted, { mass: 5, sex: 'male' }); // Float32Array [3, 0, 1]
 */
export function encodeRow(preprocessing: TablePreprocessing, row: TableRow): Float32Array {
  const encoded = new Float32Array(encodedLength(preprocessing));
  let offset = 0;
  for (const column of preprocessing.columns) {
    encodeCell(column, ownValue(row, column.name), encoded, offset);
    offset += widthOf(column);
  }
  return encoded;
}

function encodeCell(column: TableColumn, cell: Cell, target: Float32Array, offset: number): void {
  if (isMissing(cell, column.kind)) return;
  if (column.kind === 'number') {
    target[offset] = (numberOf(column.name, cell) - column.mean) / column.deviation;
    return;
  }
  const position = column.values.indexOf(categoryOf(cell));
  if (position >= 0) target[offset + position] = 1;
}

function widthOf(column: TableColumn): number {
  return column.kind === 'number' ? 1 : column.values.length;
}

function fitNumber(name: string, rows: readonly TableRow[]): TableColumn {
  const values = rows
    .filter((row) => !isMissing(ownValue(row, name), 'number'))
    .map((row) => numberOf(name, ownValue(row, name)));
  const count = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const deviation = Math.sqrt(variance);
  // A constant column carries nothing; dividing it by the mean's rounding error would make noise of it.
  const constant = deviation <= 1e-9 * Math.abs(mean);
  return { name, kind: 'number', mean, deviation: constant ? 1 : deviation };
}

function fitCategory(name: string, rows: readonly TableRow[]): TableColumn {
  const present = rows.filter((row) => !isMissing(ownValue(row, name), 'category'));
  const values = [...new Set(present.map((row) => categoryOf(ownValue(row, name))))].sort();
  return { name, kind: 'category', values };
}

function numberOf(column: string, cell: Cell): number {
  const value = parseNumber(cell);
  if (value !== null) return value;
  throw new MainstemError('TABLE_VALUE_INVALID', { column, value: JSON.stringify(cell) });
}
