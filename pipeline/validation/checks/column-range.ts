import { type Check, counted } from '../check.ts';
import { numberColumns, numbersOf, placeOf, type TableSubject } from '../subjects.ts';

export const columnRange: Check<TableSubject> = {
  code: 'COLUMN_RANGE',
  severity: 'error',
  finds: 'Numbers outside the range that the project gives.',
  hint: 'Look for wrong units and slipped decimal points; widen the column’s range in project.ts if the values are real.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name, { range }]) => {
      if (!range) return [];
      const [low, high] = range;
      const places = rowsOutside(numbersOf(subject, name).values, range).map((row) =>
        placeOf(subject, row, name),
      );
      const message = `${counted(places.length, `value of ${name} lies`, `values of ${name} lie`)} outside ${low} to ${high}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};

function rowsOutside(values: Float64Array, [low, high]: readonly [number, number]): number[] {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    if (value < low || value > high) rows.push(row);
  }
  return rows;
}
