import {
  cellStates,
  isMissing,
  parseBoolean,
  parseDay,
  rowsInState,
} from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import {
  featureColumns,
  numbersOf,
  quotedPlaceOf,
  rowsOfValues,
  type TableSubject,
} from '../subjects.ts';

export const columnType: Check<TableSubject> = {
  code: 'COLUMN_TYPE',
  severity: 'error',
  finds: 'Text where a number, a date or a boolean is expected.',
  hint: 'Fix the cells (decimal point, no units, dates as 2026-01-31, booleans as yes and no, nothing or NA where unknown), or make the column a category.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { kind }]) => {
      if (kind === 'category') return [];
      const places = unreadable(subject, name, kind).map((row) =>
        quotedPlaceOf(subject, row, name),
      );
      const message = `${counted(places.length, `cell of ${name} is`, `cells of ${name} are`)} not a ${kind}.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};

function unreadable(
  subject: TableSubject,
  name: string,
  kind: 'number' | 'date' | 'boolean',
): number[] {
  if (kind === 'number') return rowsInState(numbersOf(subject, name), cellStates.text);
  const parse = kind === 'date' ? parseDay : parseBoolean;
  return rowsOfValues(subject, name, (text) => !isMissing(text, kind) && parse(text) === null);
}
