import type { Table } from '../platform/lib/table.ts';
import type { SplitDefinition } from '../platform/schemas/define/index.ts';
import type { Example, ReviewedExample, SplitName } from '../platform/schemas/index.ts';
import { contentsWithout, dealTable, type NamedRow } from '../platform/storage/index.ts';
import { columnsOfObjects, columnsOfTable, type ExampleColumns } from './example-columns.ts';

/** A version of a dataset as it is reviewed. Its examples are numbered from 0 in the order of their ids. */
export interface DataVersion {
  readonly kind: 'images' | 'table';
  readonly count: number;
  /** A text that is the same for what is the same apart from the label: a photo's bytes, a row's other cells. */
  content(at: number): string;
  label(at: number): string;
  split(at: number): SplitName;
  shown(at: number): ReviewedExample;
  /** What is compared of some examples. */
  columns(some: ArrayLike<number>): ExampleColumns;
}

/** A version of a folder of photos. The label is a column as well, since the mixture of classes matters as much. */
export function versionOfPhotos(examples: readonly Example[]): DataVersion {
  const at = (place: number) => pick(examples, place);
  return {
    ...{ kind: 'images', count: examples.length },
    content: (place) => at(place).digest,
    label: (place) => at(place).label,
    split: (place) => at(place).split,
    shown(place) {
      const { id, digest, label, split } = at(place);
      return { id, digest, label, split };
    },
    columns: (some) =>
      columnsOfObjects(
        Array.from(some, (place) => ({ ...at(place).metadata, class: at(place).label })),
      ),
  };
}

/** How the rows of a table are dealt. */
export interface TableVersionOptions {
  readonly split: SplitDefinition;
  readonly label: string;
}

/** A version of a table without what is held back. */
export interface TableVersion extends DataVersion {
  readonly kind: 'table';
  readonly table: Table;
  /** The positions in the table, from 0, of its examples. */
  readonly rows: Uint32Array;
}

/**
 * A version of a table.
 *
 * @param path what to call it in an error @throws MainstemError DATA_INVALID as reading its examples does
 */
export function versionOfTable(
  table: Table,
  path: string,
  { split, label }: TableVersionOptions,
): TableVersion {
  const { named, deal, digestOf, labelled } = dealTable(table, path, { split, label });
  const open: NamedRow[] = [];
  const splits: SplitName[] = [];
  for (const one of named) {
    const { split: part } = deal(one.row);
    if (part === 'heldBack') continue;
    open.push(one);
    splits.push(part);
  }
  const rows = Uint32Array.from(open, ({ row }) => row);
  const rowAt = (at: number) => rows[at] ?? 0;
  // What else is known of a row takes more memory than its cells, and is asked of few.
  const ids = open.map(({ id }) => id);
  const contentOf = contentsWithout(table, label);
  const labelAt = (at: number) => table.text(rowAt(at), labelled);
  return {
    ...{ kind: 'table', table, rows, count: rows.length },
    content: (at) => contentOf(rowAt(at)),
    label: labelAt,
    split: (at) => pick(splits, at),
    shown(at) {
      const row = rowAt(at);
      const known = { id: pick(ids, at), row: row + 1, digest: digestOf(row) };
      return { ...known, label: labelAt(at), split: pick(splits, at) };
    },
    // In the order of the file, so that neighbours are read one after the other.
    columns: (some) => columnsOfTable(table, Uint32Array.from(some, rowAt).sort()),
  };
}

function pick<Item>(items: readonly Item[], at: number): Item {
  const item = items[at];
  if (item !== undefined) return item;
  throw new RangeError(`there are ${items.length} examples, and none at ${at}`);
}
