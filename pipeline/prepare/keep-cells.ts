import type { Table } from '../../platform/lib/table.ts';
import { type Example, mostSliceValues, type SplitName } from '../../platform/schemas/index.ts';
import { createMetadata } from '../../platform/storage/index.ts';
import { chooseReference } from './choose-reference.ts';

/**
 * Gives examples the cells that evaluation may ask for, and no others, which would take as much memory as the table: those
 * of the reference profile all, others that are held out the columns by which they can be sliced, training rows none. Each keeps
 * what it belongs to, so that nobody learns from one row of a thing and asks about another.
 *
 * @param group the column by which rows belong together
 */
export function keepCells(table: Table, examples: readonly Example[], group?: string): Example[] {
  const all = createMetadata(table, table.columns);
  const own = group === undefined ? [] : [group];
  const columns = [...findNarrowColumns(table, examples.map(positionOf)), ...own];
  const narrow = createMetadata(table, columns);
  const belonging = createMetadata(table, own);
  const inSplit = (name: SplitName) => examples.filter(({ split }) => split === name);
  const reference = new Set(chooseReference(inSplit('validation'), inSplit('test')));
  return examples.map((example) => {
    const cells = example.split === 'train' ? belonging : reference.has(example) ? all : narrow;
    return { ...example, metadata: cells(positionOf(example)) };
  });
}

/** Where an example stands in its table, from 0. */
function positionOf({ row = 1 }: Example): number {
  return row - 1;
}

function findNarrowColumns(table: Table, rows: readonly number[]): string[] {
  return table.columns.filter((_, place) => isNarrow(table, rows, place));
}

function isNarrow(table: Table, rows: readonly number[], place: number): boolean {
  const values = new Set<string>();
  for (const row of rows) {
    if (values.add(table.text(row, place)).size > mostSliceValues) return false;
  }
  return true;
}
