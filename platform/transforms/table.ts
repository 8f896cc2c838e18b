import { countBy } from '../lib/count-by.ts';
import { MainstemError } from '../lib/errors.ts';
import { ownValue } from '../lib/own-value.ts';
import type { ColumnDefinition, TableDefinition } from '../schemas/define/index.ts';
import type { TableColumn, TablePreprocessing } from '../schemas/index.ts';
import { parseBoolean } from './boolean.ts';
import { type Cell, categoryOf, isMissing, parseNumber } from './cell.ts';
import { dateParts, parseDay, partOf } from './date.ts';
import { fitRobustScale } from './robust-scale.ts';
import {
  fitTargets,
  scaledTarget,
  type TrainingCodes,
  type TrainingTargets,
} from './target-encoding.ts';

/** A row of a table: column → cell. */
export type TableRow = Readonly<Record<string, Cell>>;

type NumberColumn = Extract<TableColumn, { kind: 'number' }>;

/** The most categories of a column that have a code each: with missing ones they fit into a byte. */
export const mostCodes = 255;

/**
 * Learns from training rows how a table is encoded: mean and deviation of numbers, the sorted categories.
 *
 * @param encoding `codes` for trees: of a category with more than 255 values it keeps the commonest
 * @param targets the rows' labels, for categories that are encoded by them
 * @throws MainstemError TABLE_VALUE_INVALID where a number column holds something else
 */
export function fitTable(
  rows: readonly TableRow[],
  table: TableDefinition,
  encoding?: TablePreprocessing['encoding'],
  targets?: TrainingTargets,
): TablePreprocessing {
  return fitColumns(Object.entries(table.features), encoding, {
    ...{ rows: rows.length, targets },
    codes: (name) => codesIn(rows, name),
    numbers: (name) =>
      rows
        .filter((row) => !isMissing(ownValue(row, name), 'number'))
        .map((row) => numberOf(name, ownValue(row, name))),
    days: (name) =>
      rows
        .filter((row) => !isMissing(ownValue(row, name), 'date'))
        .map((row) => dayOf(name, ownValue(row, name))),
    booleans: (name) =>
      rows
        .filter((row) => !isMissing(ownValue(row, name), 'boolean'))
        .map((row) => booleanOf(name, ownValue(row, name))),
    categories: (name) => {
      const present = rows.filter((row) => !isMissing(ownValue(row, name), 'category'));
      return new Map(Object.entries(countBy(present, (row) => categoryOf(ownValue(row, name)))));
    },
  });
}

/** The training cells of a column. */
export interface TrainingCells {
  /** How many rows there are. */
  readonly rows: number;
  /** Their labels; only needed for categories that are encoded by them. */
  readonly targets: TrainingTargets | undefined;
  /** The categories, row by row. */
  readonly codes: (name: string) => TrainingCodes;
  /** The numbers, in the order of the rows, without gaps. */
  readonly numbers: (name: string) => ArrayLike<number>;
  /** The days of dates, likewise. */
  readonly days: (name: string) => ArrayLike<number>;
  /** 1 for yes and 0 for no, likewise. */
  readonly booleans: (name: string) => ArrayLike<number>;
  /** Category → rows. */
  readonly categories: (name: string) => ReadonlyMap<string, number>;
}

/** What of a column's definition decides how it is encoded. */
export type FittedDefinition = Pick<
  ColumnDefinition,
  'kind' | 'indicateGaps' | 'scaling' | 'encoding'
>;

/** The same as {@link fitTable} for rows that are kept in any other way. */
export function fitColumns(
  features: readonly (readonly [name: string, definition: FittedDefinition])[],
  encoding: TablePreprocessing['encoding'],
  cells: TrainingCells,
): TablePreprocessing {
  const most = encoding ? mostCodes : Number.POSITIVE_INFINITY;
  const columns = features.map(
    ([name, { kind, indicateGaps, scaling, encoding: by }]): TableColumn => {
      if (kind === 'category' && by === 'target' && cells.targets) {
        return { name, kind, ...fitTargets(cells.codes(name), cells.targets) };
      }
      if (kind === 'category') return fitCategory(name, cells.categories(name), most);
      const values = cells[sources[kind]](name);
      // A number that is 0 in every training row would have a weight that nothing has taught.
      const hasGaps = indicateGaps && !encoding && values.length < cells.rows;
      const gap = hasGaps ? { gap: true as const } : {};
      if (kind === 'number') return { name, kind, ...fitNumbers(values, scaling), ...gap };
      return kind === 'date'
        ? { name, kind, parts: fitParts(values), ...gap }
        : { name, kind, ...gap };
    },
  );
  return { kind: 'table', columns, ...(encoding && { encoding }) };
}

/** Where the training cells of each kind are. */
const sources = { number: 'numbers', date: 'days', boolean: 'booleans' } as const;

/** How many numbers an encoded row has: one per number column, one per value of a category (as codes: one for all). */
export function encodedLength({ columns, encoding }: TablePreprocessing): number {
  if (encoding) return columns.reduce((sum, column) => sum + codesOf(column), 0);
  return columns.reduce((sum, column) => sum + widthOf(column), 0);
}

/**
 * Encodes a row as the model takes it, in the order of the columns: numbers as (value − mean) / deviation, or the asinh of
 * that if their scaling is robust; for a network
 * yes as 1 and no as −1, categories one-hot, missing 0 (and 1 after it, if gaps are indicated) and a category never seen in
 * training all zeros; for trees (`codes`) yes as 1 and no as 0, categories as their position, missing and never seen NaN.
 *
 * @throws MainstemError TABLE_VALUE_INVALID where a number column holds something else
 * @example
 * const fitted = fitTable([{ mass: '1', sex: 'female' }, { mass: '3', sex: 'male' }], table);
 * encodeRow(fitted, { mass: 5, sex: 'male' }); // Float32Array [3, 0, 1]
 */
export function encodeRow(preprocessing: TablePreprocessing, row: TableRow): Float32Array {
  const encoded = new Float32Array(encodedLength(preprocessing));
  const asCodes = preprocessing.encoding === 'codes';
  let offset = 0;
  for (const column of preprocessing.columns) {
    const cell = ownValue(row, column.name);
    if (column.kind === 'date') encodeDate(column, cell, encoded, { offset, asCodes });
    else if (column.kind === 'category' && column.target) {
      encodeTarget(column, cell, encoded, { offset, asCodes });
    } else if (asCodes) encoded[offset] = codeOf(column, cell);
    else encodeCell(column, cell, encoded, offset);
    offset += asCodes ? codesOf(column) : widthOf(column);
  }
  return encoded;
}

function encodeTarget(
  { values, target }: CategoryColumn,
  cell: Cell,
  encoded: Float32Array,
  { offset, asCodes }: { offset: number; asCodes: boolean },
): void {
  const isGap = isMissing(cell, 'category');
  const position = isGap ? -1 : values.indexOf(categoryOf(cell));
  for (const at of target?.parts.keys() ?? []) {
    encoded[offset + at] =
      isGap && asCodes ? Number.NaN : target ? scaledTarget(target, position, at) : 0;
  }
}

type CategoryColumn = Extract<TableColumn, { kind: 'category' }>;
type DateColumn = Extract<TableColumn, { kind: 'date' }>;
type PlainColumn = Exclude<TableColumn, DateColumn>;

function encodeDate(
  { name, parts, gap }: DateColumn,
  cell: Cell,
  target: Float32Array,
  { offset, asCodes }: { offset: number; asCodes: boolean },
): void {
  const isGap = isMissing(cell, 'date');
  const day = isGap ? 0 : dayOf(name, cell);
  for (const [at, part] of parts.entries()) {
    target[offset + at] = isGap ? (asCodes ? Number.NaN : 0) : scaledPart(part, day);
  }
  if (gap && isGap && !asCodes) target[offset + parts.length] = 1;
}

/** A part of a date as the model takes it. */
export function scaledPart(
  { part, mean, deviation }: DateColumn['parts'][number],
  day: number,
): number {
  return (partOf(day, part) - mean) / deviation;
}

function encodeCell(column: PlainColumn, cell: Cell, target: Float32Array, offset: number): void {
  if (isMissing(cell, column.kind)) {
    if (column.kind !== 'category' && column.gap) target[offset + 1] = 1;
    return;
  }
  if (column.kind === 'boolean') {
    target[offset] = booleanOf(column.name, cell) === 1 ? 1 : -1;
    return;
  }
  if (column.kind === 'number') {
    target[offset] = scaled(column, cell);
    return;
  }
  const position = column.values.indexOf(categoryOf(cell));
  if (position >= 0) target[offset + position] = 1;
}

function codeOf(column: PlainColumn, cell: Cell): number {
  if (isMissing(cell, column.kind)) return Number.NaN;
  if (column.kind === 'number') return scaled(column, cell);
  if (column.kind === 'boolean') return booleanOf(column.name, cell);
  const position = column.values.indexOf(categoryOf(cell));
  return position < 0 ? Number.NaN : position;
}

function scaled(column: NumberColumn, cell: Cell): number {
  return scaledNumber(column, numberOf(column.name, cell));
}

/** A number as the model takes it. */
export function scaledNumber({ mean, deviation, scaling }: NumberColumn, value: number): number {
  const scaled = (value - mean) / deviation;
  return scaling === 'robust' ? Math.asinh(scaled) : scaled;
}

/** How many numbers a network takes of a column. */
export function widthOf(column: TableColumn): number {
  if (column.kind === 'category' && !column.target) return column.values.length;
  return codesOf(column) + (column.kind !== 'category' && column.gap ? 1 : 0);
}

/** How many numbers trees take of a column. */
export function codesOf(column: TableColumn): number {
  if (column.kind === 'category') return column.target?.parts.length ?? 1;
  return column.kind === 'date' ? column.parts.length : 1;
}

function fitParts(days: ArrayLike<number>): DateColumn['parts'] {
  return dateParts.map((part) => ({
    part,
    ...fitScale(Float64Array.from(days, (day) => partOf(day, part))),
  }));
}

function fitNumbers(
  values: ArrayLike<number>,
  scaling: 'robust' | undefined,
): Pick<NumberColumn, 'mean' | 'deviation' | 'scaling'> {
  const robust = scaling ? fitRobustScale(values) : null;
  return robust ? { ...robust, scaling: 'robust' } : fitScale(values);
}

function fitScale(values: ArrayLike<number>): { mean: number; deviation: number } {
  const count = Math.max(1, values.length);
  const mean = sumOf(values, (value) => value) / count;
  const variance = sumOf(values, (value) => (value - mean) ** 2) / count;
  const deviation = Math.sqrt(variance);
  // A constant column carries nothing; dividing it by the mean's rounding error would make noise of it.
  const constant = deviation <= 1e-9 * Math.abs(mean);
  return { mean, deviation: constant ? 1 : deviation };
}

function sumOf(values: ArrayLike<number>, part: (value: number) => number): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += part(values[at] ?? 0);
  return sum;
}

/** The categories of rows, numbered in the order in which they first stand there. */
function codesIn(rows: readonly TableRow[], name: string): TrainingCodes {
  const known = new Map<string, number>();
  const codes = rows.map((row) => {
    const cell = ownValue(row, name);
    if (isMissing(cell, 'category')) return -1;
    const text = categoryOf(cell);
    known.set(text, known.get(text) ?? known.size);
    return known.get(text) ?? -1;
  });
  return { codes, values: [...known.keys()] };
}

/** The categories in their order; if there are more than `most`, those with the most rows. */
function fitCategory(name: string, counts: ReadonlyMap<string, number>, most: number): TableColumn {
  const values = [...counts.keys()].sort();
  if (values.length <= most) return { name, kind: 'category', values };
  const count = (value: string) => counts.get(value) ?? 0;
  const commonest = [...values].sort((a, b) => count(b) - count(a)).slice(0, most);
  return { name, kind: 'category', values: commonest.sort() };
}

function dayOf(column: string, cell: Cell): number {
  const day = parseDay(cell);
  if (day !== null) return day;
  throw new MainstemError('TABLE_VALUE_INVALID', { column, value: JSON.stringify(cell) });
}

function booleanOf(column: string, cell: Cell): number {
  const said = parseBoolean(cell);
  if (said !== null) return Number(said);
  throw new MainstemError('TABLE_VALUE_INVALID', { column, value: JSON.stringify(cell) });
}

function numberOf(column: string, cell: Cell): number {
  const value = parseNumber(cell);
  if (value !== null) return value;
  throw new MainstemError('TABLE_VALUE_INVALID', { column, value: JSON.stringify(cell) });
}
