import { type Check, counted, listFew, observed } from '../check.ts';
import { findEqualRows } from '../find-equal-rows.ts';
import { mayRepeat } from '../may-repeat.ts';
import type { TableSubject } from '../subjects.ts';

export const rowDuplicate: Check<TableSubject> = {
  code: 'ROW_DUPLICATE',
  severity: 'warning',
  finds:
    'Rows that are equal in every column. Short tables of coarse numbers may have genuine ones.',
  hint: 'Remove copies. If they are different things that happen to look alike, add a column that names each, and name it in split.group, or set split.equalRows to apart.',
  observe: (subject) => {
    const { columns } = subject.data;
    const sets = findEqualRows(subject.data, [...columns.keys()], (row) => mayRepeat(subject, row));
    const places = sets.map((equal) =>
      listFew(
        equal.map((row) => `row ${row + 1}`),
        ' = ',
      ),
    );
    const copies = sets.reduce((sum, equal) => sum + equal.length - 1, 0);
    return observed(
      places,
      `${counted(sets.length, 'set of equal rows', 'sets of equal rows')}: ${counted(copies, 'row is a copy', 'rows are copies')} of another.`,
    );
  },
};
