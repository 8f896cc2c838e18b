import { type Check, counted, listFew, observed } from '../check.ts';
import type { TableSubject } from '../subjects.ts';

export const rowDuplicate: Check<TableSubject> = {
  code: 'ROW_DUPLICATE',
  severity: 'warning',
  finds:
    'Rows that are equal in every column. Short tables of coarse numbers may have genuine ones.',
  hint: 'Remove copies. If they are different things that happen to look alike, add a column that names each, and name it in split.group.',
  observe: ({ rows, columns }) => {
    const numbered = rows.map((row, index) => ({
      row: index + 1,
      text: JSON.stringify(columns.map((name) => row[name])),
    }));
    const sets = [...Map.groupBy(numbered, ({ text }) => text).values()].filter(
      (equal) => equal.length > 1,
    );
    const places = sets.map((equal) =>
      listFew(
        equal.map(({ row }) => `row ${row}`),
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
