import type { Table } from '../platform/lib/table.ts';
import { shorten } from '../platform/lib/text.ts';
import type { ErrorExample, ModelRecord } from '../platform/schemas/index.ts';

/** As many columns as a person compares at a glance, and as many characters of a cell. */
const [mostColumns, mostCharacters] = [8, 24];

/** What a table's errors show of their rows. */
export interface ShownCells {
  readonly columns: string[];
  /** How many features there are. */
  readonly features: number;
  readonly errors: ErrorExample[];
}

/**
 * Adds to errors, and to the training rows near to them, the values of their columns: of trees the columns that they divide by
 * most, otherwise the first.
 *
 * @param features names of all features, in their order
 */
export function showCells(
  table: Table,
  features: readonly string[],
  errors: readonly ErrorExample[],
  importance: ModelRecord['training']['importance'],
): ShownCells {
  const columns = chooseColumns(features, importance);
  const places = columns.map((name) => table.place(name));
  const cellsOf = (row: number | undefined) =>
    row === undefined
      ? {}
      : { cells: places.map((place) => shorten(table.text(row - 1, place), mostCharacters)) };
  return {
    ...{ columns, features: features.length },
    errors: errors.map(({ near, ...error }) => ({
      ...{ ...error, ...cellsOf(error.row) },
      ...(near && { near: near.map((one) => ({ ...one, ...cellsOf(one.row) })) }),
    })),
  };
}

function chooseColumns(
  features: readonly string[],
  importance: ModelRecord['training']['importance'] = [],
): string[] {
  const known = new Set(features);
  const first = importance.flatMap(({ column }) => (known.has(column) ? [column] : []));
  return [...new Set([...first, ...features])].slice(0, mostColumns);
}
