import { ownValue } from '../platform/lib/own-value.ts';
import type { Table } from '../platform/lib/table.ts';
import { listSome } from '../platform/lib/text.ts';
import type { TableColumn } from '../platform/schemas/index.ts';
import { readTable } from '../platform/storage/index.ts';
import { isMissing } from '../platform/transforms/index.ts';
import type { Champion } from './champion.ts';
import type { ProjectContext } from './context.ts';

/**
 * The champion as it can be compared on the present data. One that takes columns which a later table does not have, or not in words
 * that it knows, would answer as if every row had a gap there: a weaker candidate would look better than it is. The very rows
 * that it has learnt from would look new to it, too.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, DATA_INVALID
 */
export async function comparableOnData(
  { store, lock, project }: ProjectContext,
  champion: Champion,
): Promise<Champion> {
  const { record, incomparable } = champion;
  if (!record || incomparable !== null || record.preprocessing.kind !== 'table') return champion;
  const { data, table: definition } = project.definition;
  const dataset = ownValue(lock.datasets, data.name);
  if (!dataset || dataset.digest === record.data[data.name]) return champion;
  const table = await readTable(store, dataset);
  const named = new Set(Object.keys(definition?.features ?? {}));
  const reasons = renderLosses(findLosses(table, record.preprocessing.columns, named));
  if (reasons.length === 0) return champion;
  return { record, incomparable: `${record.run}, which serves, ${reasons.join('; it ')}` };
}

/** Names of columns by why a model has nothing of them. */
interface Losses {
  readonly absent: readonly string[];
  readonly empty: readonly string[];
  readonly unknown: readonly string[];
}

/** @param named what the project takes: what is empty there is a gap to the candidate and to the server, too */
function findLosses(
  table: Table,
  columns: readonly TableColumn[],
  named: ReadonlySet<string>,
): Losses {
  const nameOf = ({ name }: TableColumn) => name;
  const there = columns.filter(({ name }) => table.place(name) >= 0);
  const filled = there.filter((column) => hasCells(table, column));
  return {
    absent: columns.filter((column) => !there.includes(column)).map(nameOf),
    empty: there
      .filter((column) => !filled.includes(column) && !named.has(column.name))
      .map(nameOf),
    unknown: filled.filter((column) => !knowsSome(table, column)).map(nameOf),
  };
}

function hasCells(table: Table, { name, kind }: TableColumn): boolean {
  const place = table.place(name);
  for (let row = 0; row < table.rows; row++) {
    if (!isMissing(table.text(row, place), kind)) return true;
  }
  return false;
}

/** Of many values, which are encoded by labels, all may be new in rows that are. */
function knowsSome(table: Table, column: TableColumn): boolean {
  if (column.kind !== 'category' || column.target || column.values.length === 0) return true;
  const known = new Set(column.values);
  const found = table.column(column.name);
  return [...(found?.counts ?? [])].some((_, code) => known.has(found?.text(code) ?? ''));
}

/** Follow the model's name. */
function renderLosses({ absent, empty, unknown }: Losses): string[] {
  const quoted = (names: readonly string[]) =>
    `${names.length === 1 ? 'column' : 'columns'} ${listSome(
      names.map((name) => JSON.stringify(name)),
      { most: 5 },
    )}`;
  return [
    ...(absent.length > 0 ? [`takes the ${quoted(absent)}, which the data no longer has`] : []),
    ...(empty.length > 0 ? [`takes the ${quoted(empty)}, in which every row is empty now`] : []),
    ...(unknown.length > 0 ? [`knows no value that is now in the ${quoted(unknown)}`] : []),
  ];
}
