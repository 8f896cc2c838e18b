import type { Table } from '../lib/table.ts';
import type { TableColumn, TablePreprocessing } from '../schemas/index.ts';
import {
  cellStates,
  type NumberCells,
  readBooleans,
  readDays,
  readNumbers,
} from './read-numbers.ts';
import {
  codesOf,
  encodedLength,
  type FittedDefinition,
  fitColumns,
  scaledNumber,
  scaledPart,
  widthOf,
} from './table.ts';
import {
  outOfFold,
  scaledPartOf,
  scaledTarget,
  type TargetEncoding,
  type TrainingCodes,
  type TrainingTargets,
} from './target-encoding.ts';

type Features = readonly (readonly [name: string, definition: FittedDefinition])[];

/** A table that is fitted and encoded column by column, as `fitTable` and `encodeRow` do it row by row. */
export interface TableColumns {
  /** The first of some rows that holds something else in a column of numbers: `encodeRow` says what. */
  findUnreadable(rows: readonly number[]): number | undefined;
  /** Learns the encoding from some rows. @param targets their labels, for categories that are encoded by them */
  fit(
    rows: readonly number[],
    encoding: TablePreprocessing['encoding'],
    targets?: TrainingTargets,
  ): TablePreprocessing;
  /** Encodes rows one after another, as serving does. */
  encode(rows: readonly number[], preprocessing: TablePreprocessing): Float32Array<ArrayBuffer>;
  /**
   * Encodes the rows that were learnt from: a category that is encoded by labels, from those of other rows.
   *
   * @param targets the labels of these rows
   */
  encodeTraining(
    rows: readonly number[],
    preprocessing: TablePreprocessing,
    targets: TrainingTargets,
  ): Float32Array<ArrayBuffer>;
}

/** Opens the features of a table for encoding; each column is read once. */
export function openColumns(table: Table, features: Features): TableColumns {
  const numbers = once((name) => readNumbers(table, table.place(name)));
  const days = once((name) => readDays(table, name));
  const booleans = once((name) => readBooleans(table, name));
  const read = { number: numbers, date: days, boolean: booleans };
  const encode: TableColumns['encode'] = (rows, preprocessing) => {
    const width = encodedLength(preprocessing);
    const target = new Float32Array(rows.length * width);
    let offset = 0;
    for (const column of preprocessing.columns) {
      const place = { rows, target, width, offset, codes: preprocessing.encoding === 'codes' };
      if (column.kind === 'number') encodeNumbers(column, numbers(column.name), place);
      else if (column.kind === 'date') encodeDays(column, days(column.name), place);
      else if (column.kind === 'boolean') encodeBooleans(column, booleans(column.name), place);
      else encodeCategories(column, table, place);
      offset += place.codes ? codesOf(column) : widthOf(column);
    }
    return target;
  };
  return {
    encode,
    findUnreadable(rows) {
      const cells = features.flatMap(([name, { kind }]) =>
        kind === 'category' ? [] : [read[kind](name)],
      );
      return rows.find((row) => cells.some(({ states }) => (states[row] ?? 0) > cellStates.number));
    },
    fit: (rows, encoding, targets) =>
      fitColumns(features, encoding, {
        ...{ rows: rows.length, targets },
        codes: (name) => codesOfRows(table, name, rows),
        numbers: (name) => presentNumbers(rows, numbers(name)),
        days: (name) => presentNumbers(rows, days(name)),
        booleans: (name) => presentNumbers(rows, booleans(name)),
        categories: (name) => countCategories(table, name, rows),
      }),
    encodeTraining(rows, preprocessing, targets) {
      const encoded = encode(rows, preprocessing);
      const width = encodedLength(preprocessing);
      const codes = preprocessing.encoding === 'codes';
      let offset = 0;
      for (const column of preprocessing.columns) {
        if (column.kind === 'category' && column.target) {
          const place = { rows, target: encoded, width, offset, codes };
          encodeOutOfFold(column.target, codesOfRows(table, column.name, rows), targets, place);
        }
        offset += codes ? codesOf(column) : widthOf(column);
      }
      return encoded;
    },
  };
}

/** Overwrites what rows of a category would be if their own labels counted. */
function encodeOutOfFold(
  { parts }: TargetEncoding,
  cells: TrainingCodes,
  targets: TrainingTargets,
  { rows, target, width, offset }: Target,
): void {
  for (const [at, values] of outOfFold(cells, targets).entries()) {
    const part = parts[at];
    for (let row = 0; row < rows.length; row++) {
      const place = row * width + offset + at;
      // A gap stays what it is.
      if (part && (cells.codes[row] ?? -1) >= 0)
        target[place] = scaledPartOf(part, values[row] ?? 0);
    }
  }
}

/** The categories of some rows by the codes of the table's column, −1 for a gap. */
function codesOfRows(table: Table, name: string, rows: readonly number[]): TrainingCodes {
  const column = table.column(name);
  const values = Array.from(column?.counts ?? [], (_, code) => column?.text(code) ?? '');
  const empty = values.indexOf('');
  const codes = Int32Array.from(rows, (row) => {
    const code = column?.codes[row] ?? -1;
    return code === empty ? -1 : code;
  });
  return { codes, values };
}

/** Keeps what was read of each column. */
function once(read: (name: string) => NumberCells): (name: string) => NumberCells {
  const known = new Map<string, NumberCells>();
  return (name) => {
    const found = known.get(name) ?? read(name);
    known.set(name, found);
    return found;
  };
}

function presentNumbers(rows: readonly number[], { values, states }: NumberCells): Float64Array {
  const present = rows.filter((row) => states[row] !== cellStates.missing);
  return Float64Array.from(present, (row) => values[row] ?? Number.NaN);
}

function countCategories(table: Table, name: string, rows: readonly number[]): Map<string, number> {
  const column = table.column(name);
  const counts = new Uint32Array(column?.counts.length ?? 0);
  for (const row of rows) {
    const code = column?.codes[row] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const found = [...counts].map((count, code) => [column?.text(code) ?? '', count] as const);
  return new Map(found.filter(([text, count]) => text !== '' && count > 0));
}

interface Target {
  readonly rows: readonly number[];
  readonly target: Float32Array;
  readonly width: number;
  /** Where the column begins in a row. */
  readonly offset: number;
  /** As trees take it. */
  readonly codes: boolean;
}

function encodeNumbers(
  column: Extract<TableColumn, { kind: 'number' }>,
  { values, states }: NumberCells,
  place: Target,
): void {
  const { rows, target, width, offset, codes } = place;
  const missing = codes ? Number.NaN : 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    const isGap = states[row] === cellStates.missing;
    target[at * width + offset] = isGap ? missing : scaledNumber(column, values[row] ?? 0);
  }
  if (column.gap) indicateGaps(states, 1, place);
}

function encodeBooleans(
  { gap }: Extract<TableColumn, { kind: 'boolean' }>,
  { values, states }: NumberCells,
  place: Target,
): void {
  const { rows, target, width, offset, codes } = place;
  const [missing, no] = codes ? [Number.NaN, 0] : [0, -1];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    const isGap = states[row] === cellStates.missing;
    target[at * width + offset] = isGap ? missing : values[row] === 1 ? 1 : no;
  }
  if (gap) indicateGaps(states, 1, place);
}

/** Writes a 1 where a cell is missing. @param after how many numbers of the column */
function indicateGaps(
  states: Uint8Array,
  after: number,
  { rows, target, width, offset, codes }: Target,
): void {
  if (codes) return;
  for (let at = 0; at < rows.length; at++) {
    if (states[rows[at] ?? 0] === cellStates.missing) target[at * width + offset + after] = 1;
  }
}

function encodeDays(
  { parts, gap }: Extract<TableColumn, { kind: 'date' }>,
  { values, states }: NumberCells,
  place: Target,
): void {
  const { rows, target, width, offset, codes } = place;
  const missing = codes ? Number.NaN : 0;
  for (const [part, scale] of parts.entries()) {
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0;
      const isGap = states[row] === cellStates.missing;
      target[at * width + offset + part] = isGap ? missing : scaledPart(scale, values[row] ?? 0);
    }
  }
  if (gap) indicateGaps(states, parts.length, place);
}

/** Each different text is looked up once. */
function encodeCategories(
  { name, values, target: by }: Extract<TableColumn, { kind: 'category' }>,
  table: Table,
  { rows, target, width, offset, codes }: Target,
): void {
  const column = table.column(name);
  const known = new Map(values.map((value, position) => [value, position]));
  const positions = Int32Array.from(column?.counts ?? [], (_, code) => {
    return known.get(column?.text(code) ?? '') ?? -1;
  });
  for (let at = 0; at < rows.length; at++) {
    const code = column?.codes[rows[at] ?? 0];
    const position = code === undefined ? -1 : (positions[code] ?? -1);
    if (by) {
      const isGap = codes && (code === undefined || column?.text(code) === '');
      for (const part of by.parts.keys()) {
        target[at * width + offset + part] = isGap ? Number.NaN : scaledTarget(by, position, part);
      }
    } else if (codes) target[at * width + offset] = position < 0 ? Number.NaN : position;
    else if (position >= 0) target[at * width + offset + position] = 1;
  }
}
