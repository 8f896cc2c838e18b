import { cellStates, rowsInState } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, numbersOf, quotedPlaceOf, type TableSubject } from '../subjects.ts';

export const columnType: Check<TableSubject> = {
  code: 'COLUMN_TYPE',
  severity: 'error',
  finds: 'Text where a number is expected.',
  hint: 'Fix the cells (decimal point, no units, nothing or NA where unknown), or make the column a category.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name]) => {
      const rows = rowsInState(numbersOf(subject, name), cellStates.text);
      const places = rows.map((row) => quotedPlaceOf(subject, row, name));
      const message = `${counted(places.length, `cell of ${name} is`, `cells of ${name} are`)} not a number.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};
