import { MainstemError } from '../../lib/errors.ts';
import type { Table } from '../../lib/table.ts';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { Example, SplitName } from '../../schemas/index.ts';
import { digestRows } from './digest-rows.ts';
import { createDigestText, digestLength, nameRows } from './row-identity.ts';
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
  const labelled = table.place(label);
  if (labelled < 0) {
    const reason = `there is no column "${label}"`;
    throw new MainstemError('DATA_INVALID', { path, reason });
  }
  const digests = digestRows(table);
  const deal = createDealer(table, split, digests);
  return nameRows(digests).map(({ row, digest, id }): Example => {
    const { split: name, group } = deal(row);
    return {
      ...{ id, digest, row: row + 1, split: name, label: table.text(row, labelled) },
      ...{ group, metadata: metadata(row) },
    };
  });
}

/** Where a row goes. */
export interface DealtRow {
  readonly split: SplitName;
  readonly group: string;
  /** The group is that of a column, not the row's own content. */
  readonly named: boolean;
}

/** Deals the rows of a table to the splits. @param digests of its rows, where they are known */
export function createDealer(
  table: Table,
  split: SplitDefinition,
  digests: Uint8Array = digestRows(table),
): (row: number) => DealtRow {
  const place = table.place(split.group ?? '');
  const digestOf = createDigestText();
  return (row) => {
    const name = split.group === undefined ? '' : table.text(row, place);
    const group = name || digestOf(digests, row * digestLength);
    return { group, split: assignSplit(group, split), named: name !== '' };
  };
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
