import { findStandIn } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { numberColumns, presentCells, type TableSubject } from '../subjects.ts';

export const columnStandIn: Check<TableSubject> = {
  code: 'COLUMN_STAND_IN',
  severity: 'warning',
  finds:
    'Numbers such as −999 that repeat far from all others: they may stand for gaps, and a network would take them for measurements.',
  hint: 'Check what they stand for: leave the cells empty if nothing is known there; nothing is wrong if they were measured.',
  observe: (subject) =>
    numberColumns(subject).flatMap(([name]) => {
      const present = presentCells(subject, name);
      const standIn = findStandIn(present.map(({ cell }) => cell));
      if (standIn === null) return [];
      const places = present
        .filter(({ cell }) => cell === standIn)
        .map(({ row }) => `row ${row}: ${standIn}`);
      const message = `${counted(places.length, `cell of ${name} holds`, `cells of ${name} hold`)} ${standIn}, far from all others.`;
      return [{ message, places }];
    }),
};
