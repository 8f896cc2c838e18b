import { cellStates, rowsInState } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, numbersOf, placeOf, type TableSubject } from '../subjects.ts';

export const columnTooLarge: Check<TableSubject> = {
  code: 'COLUMN_TOO_LARGE',
  severity: 'error',
  finds:
    'Numbers beyond 3.4e38, in a feature or in the label of a regression: the network computes in 32 bits and cannot hold them.',
  hint: 'Fix the cells, or leave them empty if they stand for gaps; use another unit if the values are real.',
  observe: (subject) => {
    const { table, classes } = subject;
    const label = classes.length === 0 ? [table.label] : [];
    return [...numberColumns(subject).map(([name]) => name), ...label].flatMap((name) => {
      const rows = rowsInState(numbersOf(subject, name), cellStates.tooLarge);
      const places = rows.map((row) => placeOf(subject, row, name));
      const message = `${counted(places.length, `value of ${name} is`, `values of ${name} are`)} too large to compute with.`;
      return places.length === 0 ? [] : [{ message, places }];
    });
  },
};
