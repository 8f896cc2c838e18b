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
    const places = [...Map.groupBy(numbered, ({ text }) => text).values()]
      .filter((equal) => equal.length > 1)
      .map((equal) =>
        listFew(
          equal.map(({ row }) => `row ${row}`),
          ' = ',
        ),
      );
    return observed(
      places,
      `${counted(places.length, 'row is', 'rows are')} there more than once.`,
    );
  },
};
