import { areEqual, createSpan, hashOf, type Span, type Table } from '../../platform/lib/table.ts';

/**
 * Sets of two or more rows with equal cells in some columns, in the order of their first rows.
 *
 * @param places of the columns that are compared @param counts which rows are @default all
 */
export function findEqualRows(
  table: Table,
  places: readonly number[],
  counts: (row: number) => boolean = () => true,
): number[][] {
  if (places.length === 0) return [];
  const slots = new Uint32Array(slotsFor(table.rows));
  const mask = slots.length - 1;
  const hashes = new Uint32Array(table.rows);
  const [one, other] = [createSpan(), createSpan()];
  const sets = new Map<number, number[]>();
  const add = (first: number, row: number) => {
    const set = sets.get(first);
    if (set) set.push(row);
    else sets.set(first, [first, row]);
  };
  for (let row = 0; row < table.rows; row++) {
    if (!counts(row)) continue;
    const hash = hashRow(table, row, places, one);
    hashes[row] = hash;
    let slot = hash & mask;
    let first = (slots[slot] ?? 0) - 1;
    while (first >= 0 && !(hashes[first] === hash && isSame(first, row))) {
      slot = (slot + 1) & mask;
      first = (slots[slot] ?? 0) - 1;
    }
    if (first < 0) slots[slot] = row + 1;
    else add(first, row);
  }
  return [...sets.values()].sort(([a = 0], [b = 0]) => a - b);

  function isSame(first: number, row: number): boolean {
    return places.every((place) => {
      table.locate(first, place, one);
      table.locate(row, place, other);
      return areEqual(one, other);
    });
  }
}

/** At least twice as many as rows, so that few have to share. */
function slotsFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, 2 * rows)));
}

function hashRow(table: Table, row: number, places: readonly number[], span: Span): number {
  let hash = 0;
  for (const place of places) {
    table.locate(row, place, span);
    hash = Math.imul(hash ^ hashOf(span), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
