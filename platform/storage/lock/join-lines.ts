import { parseCsv } from '../../lib/csv.ts';

/** One file as the common ancestor and both sides have it. */
export interface ThreeSides<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Joins two CSV files that were changed from the same one: the rows of ours without those that theirs removed, then those
 * that theirs added. Rows are compared as text. Null if that would be a guess: they name other columns, a cell has a line
 * break, or both sides replaced the same row.
 *
 * @example joinLines({ base: 'a\n1\n', ours: 'a\n1\n2\n', theirs: 'a\n3\n' }) // 'a\n2\n3\n'
 */
export function joinLines({ base, ours, theirs }: ThreeSides<string>): string | null {
  const [old, mine, other] = [base, ours, theirs].map(rowsOf);
  if (!old || !mine || !other || mine.header !== other.header) return null;
  const before = old.header === mine.header ? old.rows : [];
  const removed = { ours: without(before, mine.rows), theirs: without(before, other.rows) };
  const added = { ours: without(mine.rows, before), theirs: without(other.rows, before) };
  const removedByBoth = removed.ours.length > without(removed.ours, removed.theirs).length;
  if (removedByBoth && without(added.theirs, added.ours).length > 0 && added.ours.length > 0)
    return null;
  const kept = without(mine.rows, removed.theirs);
  const rows = [...kept, ...without(added.theirs, added.ours)];
  return [mine.header, ...rows].map((line) => `${line}\n`).join('');
}

/** The header and the rows of a CSV file, if each of them is a line. */
function rowsOf(text: string): { header: string; rows: string[] } | null {
  const [header = '', ...rows] = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .filter(Boolean);
  if (header === '') return { header, rows };
  const parsed = parseCsv(Buffer.from(text), 'a side of the merge').rows;
  return parsed.length === rows.length ? { header, rows } : null;
}

/** The lines less those of another list, each as often as it is there. */
function without(lines: readonly string[], taken: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of taken) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
