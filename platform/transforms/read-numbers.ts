import type { Table } from '../lib/table.ts';
import { parseBoolean } from './boolean.ts';
import { isMissing, isTooLarge, parseNumber } from './cell.ts';
import { parseDay } from './date.ts';

/** What a cell of a column of numbers holds. */
export const cellStates = { missing: 0, number: 1, tooLarge: 2, text: 3 } as const;
export type CellState = (typeof cellStates)[keyof typeof cellStates];

/** A column of numbers. */
export interface NumberCells {
  /** NaN where the cell holds no number. */
  readonly values: Float64Array;
  /** One of `cellStates` for each row. */
  readonly states: Uint8Array;
}

/** Reads a column as numbers, each as `parseNumber` does. @param place of the column in the table */
export function readNumbers(table: Table, place: number): NumberCells {
  const values = new Float64Array(table.rows);
  const states = new Uint8Array(table.rows).fill(cellStates.number);
  for (let row = 0; row < table.rows; row++) {
    // Most cells are short decimals, which need no text.
    const short = table.decimal(row, place);
    values[row] = short;
    if (!Number.isNaN(short)) continue;
    const text = table.text(row, place);
    values[row] = parseNumber(text) ?? Number.NaN;
    states[row] = stateOf(text, values[row] ?? Number.NaN);
  }
  return { values, states };
}

/** Reads a column of dates as days, each different text once. */
export function readDays(table: Table, name: string): NumberCells {
  return readTexts(table, name, parseDay);
}

/** Reads a column of yes and no as 1 and 0, each different text once. */
export function readBooleans(table: Table, name: string): NumberCells {
  return readTexts(table, name, (text) => {
    const said = parseBoolean(text);
    return said === null ? null : Number(said);
  });
}

function readTexts(
  table: Table,
  name: string,
  parse: (text: string) => number | null,
): NumberCells {
  const column = table.column(name);
  const texts = Array.from(column?.counts ?? [], (_, code) => column?.text(code) ?? '');
  const numbers = texts.map((text) => parse(text) ?? Number.NaN);
  const states = texts.map((text, code) => {
    if (!Number.isNaN(numbers[code] ?? Number.NaN)) return cellStates.number;
    return isMissing(text, 'number') ? cellStates.missing : cellStates.text;
  });
  const codes = column?.codes ?? new Uint32Array(table.rows);
  return {
    values: Float64Array.from(codes, (code) => numbers[code] ?? Number.NaN),
    states: Uint8Array.from(codes, (code) => states[code] ?? cellStates.missing),
  };
}

function stateOf(text: string, value: number): CellState {
  if (!Number.isNaN(value)) return cellStates.number;
  if (isMissing(text, 'number')) return cellStates.missing;
  return isTooLarge(text) ? cellStates.tooLarge : cellStates.text;
}

/** The positions of the cells in one state, rising. */
export function rowsInState({ states }: NumberCells, state: CellState): number[] {
  const rows: number[] = [];
  for (let row = states.indexOf(state); row >= 0; row = states.indexOf(state, row + 1))
    rows.push(row);
  return rows;
}
