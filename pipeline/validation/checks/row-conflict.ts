import { type Check, counted, listFew, observed } from '../check.ts';
import { findEqualRows } from '../find-equal-rows.ts';
import { mayRepeat } from '../may-repeat.ts';
import { featureColumns, gapsOf, type TableSubject } from '../subjects.ts';

export const rowConflict: Check<TableSubject> = {
  code: 'ROW_CONFLICT',
  severity: 'warning',
  finds: 'Rows with equal features and different classes: no model can be right about all of them.',
  hint: 'Check the labels; if they are right, the features do not hold what decides.',
  observe: (subject) => {
    if (subject.classes.length === 0) return [];
    const { data, table } = subject;
    const features = featureColumns(subject).map(([name]) => name);
    const places = features.map((name) => data.place(name));
    const labelled = data.place(table.label);
    const gaps = markGaps(subject, features);
    const sets = findEqualRows(data, places, (row) => !gaps[row] && mayRepeat(subject, row))
      .map((equal) => equal.map((row) => ({ row: row + 1, label: data.text(row, labelled) })))
      .filter((equal) => new Set(equal.map(({ label }) => label)).size > 1)
      .map((equal) =>
        listFew(
          equal.map(({ row, label }) => `row ${row} (${label})`),
          ' ≠ ',
        ),
      );
    return observed(
      sets,
      `${counted(sets.length, 'set of equal rows differs', 'sets of equal rows differ')} in their label.`,
    );
  },
};

/** 1 for each row with a gap in one of some columns. */
function markGaps(subject: TableSubject, columns: readonly string[]): Uint8Array {
  const marks = new Uint8Array(subject.data.rows);
  for (const name of columns) for (const row of gapsOf(subject, name)) marks[row] = 1;
  return marks;
}
