import { type Check, counted } from '../check.ts';
import { featureColumns, gapsOf, type TableSubject } from '../subjects.ts';

export const columnGaps: Check<TableSubject> = {
  code: 'COLUMN_GAPS',
  severity: 'error',
  finds: 'Columns with more missing values than the project allows.',
  threshold: 'missing',
  hint: 'Find out why they are missing. If that is how the data is, raise the column’s missing in project.ts.',
  observe: (subject) =>
    featureColumns(subject).flatMap(([name, { missing }]) => {
      const { rows } = subject.data;
      const gaps = gapsOf(subject, name);
      if (gaps.length <= missing * rows) return [];
      const share = ((100 * gaps.length) / rows).toFixed(1);
      const message = `${counted(gaps.length, `value of ${name} is`, `values of ${name} are`)} missing: ${share} %, allowed ${100 * missing} %.`;
      return [{ message, places: gaps.map((row) => `row ${row + 1}`) }];
    }),
};
