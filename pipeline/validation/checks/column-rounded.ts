import { findRounded } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, numbersOf, type TableSubject } from '../subjects.ts';

export const columnRounded: Check<TableSubject> = {
  code: 'COLUMN_ROUNDED',
  severity: 'warning',
  finds:
    'Different whole numbers of a feature that become one number, since they are beyond 2^53: identifiers, mostly.',
  hint: 'Remove the column from the features, or use fewer digits if it is an amount.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name]) => {
      // Counting the different cells of a column takes long; hardly any has such numbers.
      if (!numbersOf(subject, name).values.some(isRounded)) return [];
      const column = subject.data.column(name);
      const texts = Array.from(column?.counts ?? [], (_, code) => column?.text(code) ?? '');
      const places = findRounded(texts);
      const message = `${counted(places.length, `value of ${name} is`, `values of ${name} are`)} the same number as another one.`;
      return places.length === 0 ? [] : [{ message, places }];
    }),
};

function isRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
