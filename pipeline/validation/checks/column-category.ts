import { type Check, counted } from '../check.ts';
import { featureColumns, quotedPlaceOf, rowsOfValues, type TableSubject } from '../subjects.ts';

export const columnCategory: Check<TableSubject> = {
  code: 'COLUMN_CATEGORY',
  severity: 'error',
  finds: 'Categories outside the list that the project gives.',
  hint: 'Fix the spelling, or add the value to the column’s values in project.ts.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { kind, values }]) => {
      if (kind !== 'category' || !values) return [];
      const known = new Set(['', ...values]);
      const rows = rowsOfValues(subject, name, (text) => !known.has(text));
      const places = rows.map((row) => quotedPlaceOf(subject, row, name));
      const message = `${counted(places.length, `cell of ${name} is`, `cells of ${name} are`)} not one of ${values.join(', ')}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};
