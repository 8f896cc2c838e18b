import { parseNumber } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, presentCells, type TableSubject } from '../subjects.ts';

export const columnRange: Check<TableSubject> = {
  code: 'COLUMN_RANGE',
  severity: 'error',
  finds: 'Numbers outside the range that the project gives.',
  hint: 'Look for wrong units and slipped decimal points; widen the column’s range in project.ts if the values are real.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name, { range }]) => {
      if (!range) return [];
      const [low, high] = range;
      const places = presentCells(subject, name)
        .filter(({ cell }) => isOutside(parseNumber(cell), range))
        .map(({ row, cell }) => `row ${row}: ${cell}`);
      const message = `${counted(places.length, `value of ${name} lies`, `values of ${name} lie`)} outside ${low} to ${high}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};

function isOutside(value: number | null, [low, high]: readonly [number, number]): boolean {
  return value !== null && (value < low || value > high);
}
