import { MainstemError } from '../../lib/errors.ts';
import type { Table } from '../../lib/table.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { Example } from '../../schemas/index.ts';
import { digestRows } from './digest-rows.ts';
import { nameRows } from './row-identity.ts';
import { assignSplit } from './split.ts';

/** How the rows of a table become examples. */
export interface TableExampleOptions {
  readonly split: SplitDefinition;
  /** A column that the table has. */
  readonly label: string;
  /** Columns that examples have as metadata, besides those of the split. @default all */
  readonly columns?: readonly string[];
}

/** The rows of a table as examples, sorted by id. @throws MainstemError DATA_INVALID if there is no such label */
export function examplesOfTable(
  table: Table,
  path: string,
  { split, label, columns = table.columns }: TableExampleOptions,
): Example[] {
  const metadata = createMetadata(table, [...columns, ...columnsOfSplit(split)]);
  const group = table.place(split.group ?? '');
  const labelled = table.place(label);
  if (labelled < 0) {
    const reason = `there is no column "${label}"`;
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  return nameRows(digestRows(table)).map(({ row, digest, id }): Example => {
    const name = (split.group !== undefined && table.text(row, group)) || digest;
    return {
      ...{ id, digest, row: row + 1, split: assignSplit(name, split) },
      ...{ label: table.text(row, labelled), group: name, metadata: metadata(row) },
    };
  });
}

/** The columns by which a table's rows are dealt to the splits. */
export function columnsOfSplit({ group }: SplitDefinition): string[] {
  return group === undefined ? [] : [group];
}

/** Reads some cells of a row. Columns that the table lacks are left out. */
export function createMetadata(
  table: Table,
  names: readonly string[],
): (row: number) => Record<string, string> {
  const wanted = new Set(names);
  const places = [...table.columns.entries()].filter(([, name]) => wanted.has(name));
  return (row) => Object.fromEntries(places.map(([place, name]) => [name, table.text(row, place)]));
}
