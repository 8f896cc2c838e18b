import { areEqual, createSpan } from '../platform/lib/table.ts';
import type { DataReview } from '../platform/schemas/index.ts';
import type { TableVersion } from './data-version.ts';

/** As many as a contact sheet shows at a glance. */
const mostShown = 60;

/**
 * Of rows that a column names, once each in either version, those of which other cells changed.
 *
 * @returns null without such a column
 */
export function findChangedRows(
  before: TableVersion,
  after: TableVersion,
  key: string | undefined,
): DataReview['changedRows'] {
  if (key === undefined) return null;
  const [old, fresh] = [rowsByName(before, key), rowsByName(after, key)];
  if (!old || !fresh) return null;
  const differing = createDiffering(before, after);
  const changed = [...fresh].flatMap(([value, row]) => {
    const was = old.get(value);
    const columns = was === undefined ? [] : differing(was, row);
    return columns.length > 0 ? [{ value, columns }] : [];
  });
  return { key, count: changed.length, shown: changed.slice(0, mostShown) };
}

/** Which row each name is of; null if two rows have one. */
function rowsByName({ table, rows }: TableVersion, key: string): Map<string, number> | null {
  const column = table.column(key);
  const taken = new Uint8Array(Math.max(1, column?.counts.length ?? 0));
  for (const row of rows) {
    const code = column?.codes[row] ?? 0;
    if (taken[code]) return null;
    taken[code] = 1;
  }
  const nameOf = (row: number) => column?.text(column.codes[row] ?? 0) ?? '';
  return new Map(Array.from(rows, (row) => [nameOf(row), row]));
}

/** The columns in which a row differs; one that only one version has is among them. */
function createDiffering(before: TableVersion, after: TableVersion) {
  const names = [...new Set([...before.table.columns, ...after.table.columns])].sort();
  const columns = names.map((name) => ({
    ...{ name, was: before.table.place(name), is: after.table.place(name) },
  }));
  const [one, other] = [createSpan(), createSpan()];
  return (old: number, fresh: number): string[] =>
    columns.flatMap(({ name, was, is }) => {
      before.table.locate(old, was, one);
      after.table.locate(fresh, is, other);
      const same = was >= 0 && is >= 0 && areEqual(one, other);
      return same ? [] : [name];
    });
}
