import { findStandIn } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, numbersOf, placeOf, type TableSubject } from '../subjects.ts';

export const columnStandIn: Check<TableSubject> = {
  code: 'COLUMN_STAND_IN',
  severity: 'warning',
  finds:
    'Numbers such as −999 that repeat far from all others: they may stand for gaps, and a network would take them for measurements.',
  hint: 'Check what they stand for: leave the cells empty if nothing is known there; nothing is wrong if they were measured.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name]) => {
      const { data } = subject;
      const textOf = (row: number) => data.text(row, data.place(name));
      const rows = findStandIn(numbersOf(subject, name).values, textOf);
      const [first] = rows;
      if (first === undefined) return [];
      const places = rows.map((row) => placeOf(subject, row, name));
      const message = `${counted(places.length, `cell of ${name} holds`, `cells of ${name} hold`)} ${textOf(first)}, far from all others.`;
      return [{ message, places }];
    }),
};
