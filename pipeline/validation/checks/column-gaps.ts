import { type Check, counted } from '../check.ts';
import { featureColumns, presentCells, type TableSubject } from '../subjects.ts';

export const columnGaps: Check<TableSubject> = {
  code: 'COLUMN_GAPS',
  severity: 'error',
  finds: 'Columns with more missing values than the project allows.',
  threshold: 'missing',
  hint: 'Find out why they are missing. If that is how the data is, raise the column’s missing in project.ts.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { missing }]) => {
      const present = new Set(presentCells(subject, name).map(({ row }) => row));
      const gaps = subject.rows.map((_, index) => index + 1).filter((row) => !present.has(row));
      if (gaps.length <= missing * subject.rows.length) return [];
      const share = ((100 * gaps.length) / subject.rows.length).toFixed(1);
      const message = `${counted(gaps.length, `value of ${name} is`, `values of ${name} are`)} missing: ${share} %, allowed ${100 * missing} %.`;
      return [{ message, places: gaps.map((row) => `row ${row}`) }];
    }),
};
