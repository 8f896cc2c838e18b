import { type Check, counted } from '../check.ts';
import { featureColumns, presentCells, type TableSubject } from '../subjects.ts';

/** Categories outside the list that the project gives. */
export const columnCategory: Check<TableSubject> = {
  code: 'COLUMN_CATEGORY',
  severity: 'error',
  hint: 'Mend the spelling, or add the value to the column’s values in project.ts.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { kind, values }]) => {
      if (kind !== 'category' || !values) return [];
      const places = presentCells(subject, name)
        .filter(({ cell }) => !values.includes(cell))
        .map(({ row, cell }) => `row ${row}: ${JSON.stringify(cell)}`);
      const message = `${counted(places.length, `cell of ${name} holds`, `cells of ${name} hold`)} none of ${values.join(', ')}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};
