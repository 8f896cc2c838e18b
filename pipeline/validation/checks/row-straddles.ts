import { countsRows } from '../../../platform/storage/index.ts';
import { type Check, counted, eachFirst, listFew, observed } from '../check.ts';
import { findEqualRows } from '../find-equal-rows.ts';
import { mayRepeat } from '../may-repeat.ts';
import type { TableSubject } from '../subjects.ts';

export const rowStraddles: Check<TableSubject> = {
  code: 'ROW_STRADDLES',
  severity: 'warning',
  finds:
    'Rows in different splits that are equal in all but what names them (the column of split.group, or one in which no value is there twice): if they are copies, the test asks for what training has seen.',
  hint: 'Remove copies, or give them one value in the column that split.group names. Different things that happen to look alike may stay.',
  observe: (subject) => {
    const { data, partOf } = subject;
    if (!repeats(subject)) return [];
    const places = [...data.columns.keys()].filter((place) => !isName(subject, place));
    const sets = findEqualRows(data, places, (row) => mayRepeat(subject, row))
      .map((equal) => equal.map((row) => ({ row: row + 1, part: partOf(row) })))
      .filter((equal) => new Set(equal.map(({ part }) => part)).size > 1);
    return observed(
      sets.map((equal) =>
        listFew(
          eachFirst(equal, ({ part }) => part).map(({ row, part }) => `row ${row} (${part})`),
          ' = ',
        ),
      ),
      `${counted(sets.length, 'set of rows', 'sets of rows')} that are equal in all but what names them ${sets.length === 1 ? 'is' : 'are'} in more than one split.`,
    );
  },
};

/** Whether any row may be a copy: where none may, columns that no other check reads need not be. */
function repeats(subject: TableSubject): boolean {
  for (let row = 0; row < subject.data.rows; row++) if (mayRepeat(subject, row)) return true;
  return false;
}

/** Whether a column says which thing a row is, and nothing of what the thing is like. */
function isName({ data, table, group }: TableSubject, place: number): boolean {
  const name = data.columns[place] ?? '';
  if (name === table.label || name in table.features) return false;
  if (name === group || countsRows(name)) return true;
  return data.column(name)?.counts.length === data.rows;
}
