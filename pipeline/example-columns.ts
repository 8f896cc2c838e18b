import { ownValue } from '../platform/lib/own-value.ts';
import type { Table } from '../platform/lib/table.ts';
import { parseNumber } from '../platform/transforms/index.ts';

/** Examples by their columns, so that the rows of a table need not become objects. */
export interface ExampleColumns {
  readonly count: number;
  readonly names: readonly string[];
  /** A column; its cells hold nothing where there is none of this name. */
  column(name: string): ColumnCells;
}

/** The cells of one column. */
export interface ColumnCells {
  readonly count: number;
  /** @param at which of the examples, from 0 */
  text(at: number): string;
  /** The number that `parseNumber` reads in a cell, NaN where it reads none. */
  number(at: number): number;
  /** How often each text is there; null if there are more than so many different ones. */
  countTexts(most: number): Map<string, number> | null;
}

/** Examples that are objects. What one of them lacks is an empty cell. */
export function columnsOfObjects(
  objects: readonly Readonly<Record<string, string>>[],
): ExampleColumns {
  const column = (name: string): ColumnCells => {
    const text = (at: number) => ownValue(objects[at], name) ?? '';
    return {
      count: objects.length,
      text,
      number: (at) => parseNumber(text(at)) ?? Number.NaN,
      countTexts: (most) => countTexts(objects.length, text, most),
    };
  };
  const names = [...new Set(objects.flatMap((one) => Object.keys(one)))];
  return { count: objects.length, names, column };
}

/** Some rows of a table. @param rows their positions, from 0 @default all */
export function columnsOfTable(table: Table, rows = allRows(table)): ExampleColumns {
  const column = (name: string): ColumnCells => {
    const place = table.place(name);
    const text = (at: number) => table.text(rows[at] ?? -1, place);
    const number = (at: number) => {
      // Most cells are short decimals, which need no text.
      const short = table.decimal(rows[at] ?? -1, place);
      return Number.isNaN(short) ? (parseNumber(text(at)) ?? Number.NaN) : short;
    };
    return {
      ...{ count: rows.length, text, number },
      countTexts: (most) => table.countTexts(rows, place, most),
    };
  };
  return { count: rows.length, names: table.columns, column };
}

function allRows({ rows }: Table): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

function countTexts(
  count: number,
  text: (at: number) => string,
  most: number,
): Map<string, number> | null {
  const counts = new Map<string, number>();
  for (let at = 0; at < count; at++) {
    const one = text(at);
    counts.set(one, (counts.get(one) ?? 0) + 1);
    if (counts.size > most) return null;
  }
  return counts;
}
