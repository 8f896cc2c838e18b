import { type Check, counted } from '../check.ts';
import { featureColumns, presentCells, type TableSubject } from '../subjects.ts';

export const columnCategory: Check<TableSubject> = {
  code: 'COLUMN_CATEGORY',
  severity: 'error',
  finds: 'Categories outside the list that the project gives.',
  hint: 'Fix the spelling, or add the value to the column’s values in project.ts.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { kind, values }]) => {
      if (kind !== 'category' || !values) return [];
      const places = presentCells(subject, name)
        .filter(({ cell }) => !values.includes(cell))
        .map(({ row, cell }) => `row ${row}: ${JSON.stringify(cell)}`);
      const message = `${counted(places.length, `cell of ${name} is`, `cells of ${name} are`)} not one of ${values.join(', ')}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};
