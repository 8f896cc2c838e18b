import { type Digest, digestJson, hexOf } from '../../lib/hash.ts';
import { isMissingWord } from '../../lib/missing-words.ts';

/**
 * What a row of a table is: the digest of its cells, whatever their order. It is the same however a program writes
 * gaps (`NA`, an empty cell), decimals (`1`, `1.0`) and line breaks, and after a column was added in which the row has
 * nothing. Columns that by their names only count the rows, as R and pandas write them, are left out: they change when
 * rows are added.
 */
export function digestRow(row: Readonly<Record<string, string>>): Digest {
  const cells = Object.entries(row)
    .filter(([column]) => !rowNumbers.test(column))
    .map(([column, cell]): [string, string] => [column, plainCell(cell)])
    .filter(([, cell]) => cell !== '');
  return digestJson(Object.fromEntries(cells));
}

const rowNumbers =
  /^$|^(unnamed: ?\d+|row([ _.]?(names?|number|no|nr|index))?|index|idx|no\.?|nr\.?|number|#)$/i;
const decimal = /^([+-]?\d+)\.(\d*?)0*$/;

function plainCell(cell: string): string {
  if (isMissingWord(cell)) return '';
  const [, whole, fraction] = decimal.exec(cell) ?? [];
  if (whole !== undefined) return fraction ? `${whole}.${fraction}` : whole;
  return cell.replace(/\r\n?/g, '\n');
}

const shownDigits = 16;

/** Names rows by their digests; equal ones are numbered. @returns them sorted by digest */
export function nameRows<Row extends { readonly digest: Digest }>(
  rows: readonly Row[],
): (Row & { id: string })[] {
  const sorted = rows.toSorted((a, b) => (a.digest < b.digest ? -1 : Number(a.digest > b.digest)));
  const seen = new Map<string, number>();
  return sorted.map((row) => {
    const name = `row-${hexOf(row.digest).slice(0, shownDigits)}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return { ...row, id: times === 1 ? name : `${name}-${times}` };
  });
}
